package org.cdshooks.api;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** Marks API that may change or go in any release, until it is confirmed. */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.TYPE, ElementType.METHOD})
public @interface Experimental {
    /**
     * The version in which the API is to be confirmed or removed.
     *
     * @return a version such as {@code "1.4"}
     */
    String decideBy();
}
