package org.cdshooks.runtime.http;

import io.helidon.http.Header;
import java.io.Serial;
import java.util.List;
import org.cdshooks.api.config.ConfigProblem;

/** Ends a request with an error body. Thrown by routes, answered by the {@link Dispatcher}; not a fault, so no stack. */
final class HttpProblem extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1;

    private final int status;
    private final String detail;
    private final transient List<ConfigProblem> problems;
    private final transient List<Header> headers;
    private final boolean closing;

    private HttpProblem(
            int status, String detail, List<ConfigProblem> problems, List<Header> headers, boolean closing) {
        super(detail, null, false, false);
        this.status = status;
        this.detail = detail;
        this.problems = problems;
        this.headers = headers;
        this.closing = closing;
    }

    /** An answer whose text is the fixed one of its status, followed by the detail if there is one. */
    static HttpProblem of(int status, String detail) {
        return new HttpProblem(status, detail, List.of(), List.of(), false);
    }

    static HttpProblem busy() {
        return of(503, "too many requests at the same time; try again").with(ResponseHeaders.RETRY_SOON);
    }

    static HttpProblem stopping() {
        return of(503, "the service is stopping; try again").with(ResponseHeaders.RETRY_SOON);
    }

    static HttpProblem notFound(String detail) {
        return of(404, detail);
    }

    static HttpProblem badParameter(String name, String message) {
        return bad(List.of(new ConfigProblem(name, message)));
    }

    static HttpProblem bad(List<ConfigProblem> problems) {
        StringBuilder text = new StringBuilder();
        for (ConfigProblem problem : problems) {
            text.append(text.isEmpty() ? "" : "; ");
            if (!problem.option().isEmpty()) {
                text.append(problem.option()).append(": ");
            }
            text.append(problem.message());
        }
        return new HttpProblem(400, text.toString(), problems, List.of(), false);
    }

    HttpProblem with(Header... more) {
        return new HttpProblem(status, detail, problems, List.of(more), closing);
    }

    /** The same, with the connection closed after it: what is left of the request is not to be read. */
    HttpProblem closing() {
        return new HttpProblem(status, detail, problems, headers, true);
    }

    int status() {
        return status;
    }

    String detail() {
        return detail;
    }

    List<ConfigProblem> problems() {
        return problems;
    }

    List<Header> headers() {
        return headers;
    }

    boolean isClosing() {
        return closing;
    }
}
