package org.cdshooks.runtime.launch;

import java.util.stream.Collectors;
import org.cdshooks.api.config.InvalidConfigException;
import org.cdshooks.runtime.store.StoreCopy;
import org.cdshooks.runtime.store.StoreInUseException;
import org.cdshooks.runtime.store.StoreUnavailableException;
import org.cdshooks.runtime.store.local.StoreDamagedException;
import org.cdshooks.runtime.store.local.StoreLockedException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command line. What goes wrong is one message on standard error and an {@link ExitCode}. */
@Command(
        name = "hooks",
        description = "A hooks service: something happens outside, and a workflow runs or an HTTP endpoint is called.",
        subcommands = {
            ServeCommand.class,
            DemoCommand.class,
            TokenCommand.class,
            MigrateCommand.class,
            PluginsCommand.class,
            ConfigCommand.class,
            StartCacheCommand.class,
            VersionCommand.class,
            HelpCommand.class
        },
        footerHeading = "%n",
        footer = {
            "Exit codes: 0 all well, 1 unforeseen failure, 2 wrong command line or configuration, 3 data directory or Redis in use,",
            "4 data damaged, 5 address can't be listened on, 6 no Java 25 found."
        })
public final class Main implements Runnable {
    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Prints this.")
    boolean help;

    @Spec
    CommandSpec spec = CommandSpec.create();

    /** For picocli. */
    public Main() {}

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "a command is missing");
    }

    /**
     * Runs a command and ends the process with its exit code.
     *
     * @param arguments the command line
     */
    public static void main(String[] arguments) {
        System.exit(run(arguments));
    }

    static int run(String... arguments) {
        return new CommandLine(new Main())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setUsageHelpAutoWidth(true)
                .setExecutionExceptionHandler((failure, command, result) -> report(failure))
                .setParameterExceptionHandler(Main::reportUsage)
                .execute(arguments);
    }

    private static int reportUsage(ParameterException failure, String[] arguments) {
        CommandLine command = failure.getCommandLine();
        System.err.println("hooks: " + failure.getMessage());
        if (!CommandLine.UnmatchedArgumentException.printSuggestions(failure, command.getErr())) {
            System.err.println("hooks: `" + command.getCommandSpec().qualifiedName() + " --help` tells what there is");
        }
        return ExitCode.USAGE.code();
    }

    private static int report(Exception failure) {
        return switch (failure) {
            case InvalidConfigException e -> {
                System.err.println("hooks: the configuration is wrong:\n"
                        + e.problems().stream()
                                .map(problem -> "  " + problem.option() + " " + problem.message())
                                .collect(Collectors.joining("\n")));
                yield ExitCode.USAGE.code();
            }
            case StoreLockedException e -> said(e, ExitCode.LOCKED);
            case StoreInUseException e -> said(e, ExitCode.LOCKED);
            case StoreCopy.RefusedException e -> said(e, ExitCode.USAGE);
            case StoreUnavailableException e -> said(e, ExitCode.FAILURE);
            case StoreDamagedException e -> said(e, ExitCode.DAMAGED);
            case AddressException e -> said(e, ExitCode.ADDRESS);
            case java.io.IOException e -> said(e, ExitCode.FAILURE);
            default -> {
                System.err.println("hooks: unforeseen failure; please report it with what follows");
                failure.printStackTrace();
                yield ExitCode.FAILURE.code();
            }
        };
    }

    private static int said(Exception failure, ExitCode code) {
        System.err.println("hooks: " + failure.getMessage());
        return code.code();
    }
}
