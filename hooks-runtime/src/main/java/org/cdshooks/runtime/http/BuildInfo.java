package org.cdshooks.runtime.http;

/**
 * What was built, as {@code GET /mon/version} and the first line of {@code GET /mon/status} tell it.
 *
 * @param version the version
 * @param gitHash the commit; empty if it is not known
 * @param buildTime when it was built; empty if it is not known
 */
public record BuildInfo(String version, String gitHash, String buildTime) {}
