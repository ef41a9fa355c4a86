package org.cdshooks.runtime.cds;

import java.time.Instant;
import java.util.List;

/**
 * What a synchronisation has done.
 *
 * @param at when
 * @param listed how many hooks the API has listed
 * @param saved how many of them are new here or have changed
 * @param unchanged how many were as they are
 * @param removed how many tasks were removed, since the API lists them no more
 * @param heldBack how many are suspended and not removed, since they are too many to be believed at once
 * @param refused hooks that can't be tasks, and why: the first of them
 * @param refusedInAll how many such there are
 */
public record SyncReport(
        Instant at,
        int listed,
        int saved,
        int unchanged,
        int removed,
        int heldBack,
        List<String> refused,
        int refusedInAll) {
    /** Copies the list. */
    public SyncReport {
        refused = List.copyOf(refused);
    }

    /** Tells whether somebody should look at it. */
    boolean isClean() {
        return heldBack == 0 && refusedInAll == 0;
    }

    /** Says it in words. */
    String words() {
        return listed + " hooks listed: " + saved + " saved, " + unchanged + " unchanged, " + removed + " tasks removed"
                + (heldBack == 0
                        ? ""
                        : "; " + heldBack
                                + " tasks that the API lists no more are suspended and NOT removed, since they are more"
                                + " than cds.sync.maxDelete allows: POST /admin/sync?force=true removes them")
                + (refusedInAll == 0 ? "" : "; " + refusedInAll + " refused, such as " + refused.getFirst());
    }
}
