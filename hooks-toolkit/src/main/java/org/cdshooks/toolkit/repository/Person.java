package org.cdshooks.toolkit.repository;

import java.util.Map;

/**
 * Who did something in a repository.
 *
 * @param login the name to log in with
 * @param name the name that people read
 * @param email the address
 */
public record Person(String login, String name, String email) {
    /** Nobody that is known. */
    public static final Person UNKNOWN = new Person("", "", "");

    void putNames(Map<String, String> names) {
        names.put("git.author", login);
        names.put("git.author.email", email);
        names.put("cds.triggered_by.username", login);
        names.put("cds.triggered_by.fullname", name);
        names.put("cds.triggered_by.email", email);
    }
}
