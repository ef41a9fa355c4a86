package org.cdshooks.runtime.launch;

/** What the process ends with, so that scripts can tell failures apart. Code 6, no Java, is the launcher script's. */
enum ExitCode {
    /** All went well; also the end of {@code serve} by SIGTERM or Ctrl-C after a clean stop. */
    OK(0),
    /** A store can't be reached or written; or something that nobody foresaw, and the log has it. */
    FAILURE(1),
    /** Wrong command line or configuration; the message names the option, the value and the way out. */
    USAGE(2),
    /** Another process has the data directory, or nodes use the Redis that is to be moved. */
    LOCKED(3),
    /** The data is damaged; the message says where and what can be done. */
    DAMAGED(4),
    /** The address can't be listened on, mostly because the port is taken. */
    ADDRESS(5),
    /** The stop was not over in time: something held it up, mostly a plugin, and the process was halted. */
    HALTED(7);

    private final int code;

    ExitCode(int code) {
        this.code = code;
    }

    int code() {
        return code;
    }
}
