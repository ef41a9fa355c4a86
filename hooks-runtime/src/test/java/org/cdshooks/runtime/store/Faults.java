package org.cdshooks.runtime.store;

import java.lang.reflect.Proxy;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * What goes wrong between one caller and its store. A fault is {@linkplain #arm armed} for one call, strikes if that call
 * gets to where it can strike, and can be {@linkplain #struck asked} for afterwards.
 */
public final class Faults {
    /** What can go wrong. */
    public enum Kind {
        NONE,
        /** The call is not made, and fails. */
        LOST_REQUEST,
        /** The call is made, and fails nevertheless. */
        LOST_REPLY,
        /** The call is made twice in a row; the second answer is the one that is heard. */
        TWICE
    }

    private static final Set<String> ONLY_OVER_A_NETWORK = Set.of("accept", "claim", "checkpoint");

    private Kind armed = Kind.NONE;
    private Kind struck = Kind.NONE;

    /** Lets something go wrong with the next call. */
    public void arm(Kind kind) {
        armed = kind;
        struck = Kind.NONE;
    }

    /** Tells what went wrong since a fault was armed last. */
    public Kind struck() {
        return struck;
    }

    /**
     * Makes a call with the fault that is armed.
     *
     * @param isVoid tells from its answer that the call has done nothing, so that it makes no difference to one whose request
     *     was lost
     */
    public <T> T strike(Supplier<T> call, Predicate<T> isVoid) {
        struck = armed;
        armed = Kind.NONE;
        return switch (struck) {
            case NONE -> call.get();
            case LOST_REQUEST -> throw new StoreUnavailableException("the request is lost", false);
            case LOST_REPLY -> {
                struck = isVoid.test(call.get()) ? Kind.LOST_REQUEST : Kind.LOST_REPLY;
                throw new StoreUnavailableException("the reply is lost", false);
            }
            case TWICE -> {
                var _ = call.get();
                yield call.get();
            }
        };
    }

    /**
     * Puts these faults between a store of this process and who calls it. A process hears the answers of its own store: where
     * only the network could lose them, none is lost and no call comes twice.
     */
    public TaskStore into(TaskStore store) {
        return (TaskStore) Proxy.newProxyInstance(
                Faults.class.getClassLoader(), new Class<?>[] {TaskStore.class}, (proxy, method, arguments) -> {
                    if (ONLY_OVER_A_NETWORK.contains(method.getName()) && armed != Kind.LOST_REQUEST) {
                        arm(Kind.NONE);
                    }
                    return strike(
                            () -> {
                                try {
                                    return method.invoke(store, arguments);
                                } catch (ReflectiveOperationException e) {
                                    throw e.getCause() instanceof RuntimeException known
                                            ? known
                                            : new IllegalStateException(e);
                                }
                            },
                            answer -> false);
                });
    }
}
