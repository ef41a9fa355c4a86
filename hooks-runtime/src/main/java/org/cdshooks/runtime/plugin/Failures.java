package org.cdshooks.runtime.plugin;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.UndeclaredThrowableException;
import java.util.ServiceConfigurationError;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Says in one line of words what went wrong in a plugin, for its author and for whoever installed it. The stack trace
 * is for the log.
 */
final class Failures {
    private static final int MAX_DEPTH = 6;
    private static final int MAX_LENGTH = 600;
    private static final String API = "org.cdshooks.api.";

    /** What the JDK says; its major versions are Java's plus 44. */
    private static final Pattern NEWER_CLASS =
            Pattern.compile("(\\S+) has been compiled by a more recent version .*?class file version (\\d+)\\..*");

    private static final Pattern WRONG_NAME = Pattern.compile("(\\S+) \\(wrong name: (\\S+)\\)");
    private static final Pattern NOT_INITIALISED = Pattern.compile("Could not initialize class (\\S+)");

    private Failures() {}

    /** Never throws, whatever the failure's own methods do. */
    static String explain(@Nullable Throwable failure) {
        String line = oneLine(explain(failure, 0));
        return line.length() <= MAX_LENGTH ? line : line.substring(0, MAX_LENGTH) + "…";
    }

    /** Makes one line of a text that came from a plugin. */
    static String oneLine(String text) {
        return text.replaceAll("[\\s\\p{Cntrl}]+", " ").strip();
    }

    private static String explain(@Nullable Throwable failure, int depth) {
        if (failure == null || depth > MAX_DEPTH) {
            return "unknown failure";
        }
        Throwable cause = causeOf(failure);
        String message = messageOf(failure);
        return switch (failure) {
            case NotUsableException e -> message;
            case InvocationTargetException e when cause != null -> explain(cause, depth + 1);
            case UndeclaredThrowableException e when cause != null -> explain(cause, depth + 1);
            case ExecutionException e when cause != null -> explain(cause, depth + 1);
            case CompletionException e when cause != null -> explain(cause, depth + 1);
            case ServiceConfigurationError e when cause != null -> message + ": " + explain(cause, depth + 1);
            case ServiceConfigurationError e -> message;
            case ExceptionInInitializerError e
            when cause != null -> "a static initialiser failed: " + explain(cause, depth + 1);
            case UnsupportedClassVersionError e -> unsupportedVersion(message);
            case NoClassDefFoundError e -> missingClass(message, cause, depth);
            case ClassNotFoundException e -> missingClass(message, null, depth);
            case ClassFormatError e -> "a class file is broken: " + message;
            case VerifyError e -> "a class file is broken: " + message;
            // methods and fields that are not there, abstract ones called, classes that became interfaces
            case IncompatibleClassChangeError e ->
                "built against another version of " + (message.contains(API) ? "the API" : "a library it uses") + ": "
                        + message;
            case StackOverflowError e -> "it calls itself without end (stack overflow)";
            default -> named(failure, message) + causes(message, cause, depth);
        };
    }

    private static String unsupportedVersion(String message) {
        Matcher newer = NEWER_CLASS.matcher(oneLine(message));
        if (!newer.matches()) {
            return "its class files don't fit this Java: " + message;
        }
        int wanted = Integer.parseInt(newer.group(2)) - 44;
        int ours = Runtime.version().feature();
        return "class " + dotted(newer.group(1)) + " was compiled for Java " + wanted
                + " and this service runs on Java " + ours + "; run it on Java " + wanted
                + ", or compile the plugin with --release " + ours;
    }

    private static String missingClass(String message, @Nullable Throwable cause, int depth) {
        Matcher notInitialised = NOT_INITIALISED.matcher(message);
        if (notInitialised.matches()) {
            return "class " + notInitialised.group(1) + " could not be initialised"
                    + (cause == null ? "" : ": " + explain(cause, depth + 1));
        }
        Matcher wrongName = WRONG_NAME.matcher(message);
        if (wrongName.matches()) {
            return "the file of class " + dotted(wrongName.group(2)) + " lies where class " + dotted(wrongName.group(1))
                    + " should be";
        }
        String name = dotted(message);
        if (name.startsWith(API)) {
            return "the API of this service has no " + name + "; the plugin was built against another version of it";
        }
        return "class " + name + " is missing; put the jar that has it beside the plugin's own";
    }

    private static String dotted(String internalName) {
        return internalName.replace('/', '.');
    }

    /** The causes behind a failure, as far as they say something new. */
    private static String causes(String message, @Nullable Throwable cause, int depth) {
        if (cause == null || depth >= MAX_DEPTH) {
            return "";
        }
        String why = explain(cause, depth + 1);
        // new RuntimeException(cause) repeats its cause, a wrapper often does
        return message.contains(messageOf(cause)) && !messageOf(cause).isEmpty() ? "" : ", caused by " + why;
    }

    private static String named(Throwable failure, String message) {
        String name = failure.getClass().getName();
        String simple = name.substring(name.lastIndexOf('.') + 1);
        return message.isEmpty() ? simple : simple + ": " + message;
    }

    /** These two methods may be a plugin's own, so they may do anything. */
    private static String messageOf(Throwable failure) {
        try {
            String message = failure.getMessage();
            return message == null ? "" : message;
        } catch (RuntimeException | LinkageError | StackOverflowError e) {
            return "";
        }
    }

    private static @Nullable Throwable causeOf(Throwable failure) {
        try {
            return failure.getCause();
        } catch (RuntimeException | LinkageError | StackOverflowError e) {
            return null;
        }
    }
}
