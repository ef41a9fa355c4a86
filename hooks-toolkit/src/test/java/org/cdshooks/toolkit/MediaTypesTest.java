package org.cdshooks.toolkit;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MediaTypesTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "application/json",
                "APPLICATION/JSON",
                " application/json ",
                "application/json; charset=utf-8",
                "application/json;charset=\"utf-8\" ; a=b",
                "application/json; charset",
                "application/json; charset=",
                "application/json;",
                "application/json;;",
                "application/json; a=b;; a=c",
                "application/json; a=b; A=b",
                "application/json; a=\"x; a=y\"; b=c",
                "application/json; a=\"open; a=b",
                "application/json; a=\"\\\"\"; b=c"
            })
    void parametersAreLeftAside(String header) {
        assertThat(MediaTypes.typeOf(header)).isEqualTo("application/json");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                ";",
                "application",
                "application/",
                "/json",
                "application/json/x",
                "application/js on",
                "application json",
                "application/json, text/html",
                "applicatión/json",
                "application/json; a=b; a=c",
                "application/json; a=b; A=\"c\"",
                "application/json; a=\"\\\"\"; a=c"
            })
    void aHeaderThatMakesNoSenseGivesNoType(String header) {
        assertThat(MediaTypes.typeOf(header)).isEmpty();
    }

    @Test
    void otherTypesAreToldApart() {
        assertThat(MediaTypes.typeOf("Text/Plain; charset=utf-8")).isEqualTo("text/plain");
        assertThat(MediaTypes.typeOf("multipart/form-data; boundary=x")).isEqualTo("multipart/form-data");
    }

    @Test
    void jsonIsApplicationJsonAndWhatIsBuiltOnIt() {
        assertThat(MediaTypes.isJson("application/json")).isTrue();
        assertThat(MediaTypes.isJson("application/vnd.github+json")).isTrue();
        assertThat(MediaTypes.isJson("application/cloudevents+json")).isTrue();
        assertThat(MediaTypes.isJson("text/json")).isFalse();
        assertThat(MediaTypes.isJson("application/jsonx")).isFalse();
        assertThat(MediaTypes.isJson("")).isFalse();
    }

    @Test
    void aFormIsUrlEncoded() {
        assertThat(MediaTypes.isForm(MediaTypes.typeOf("application/x-www-form-urlencoded; charset=UTF-8")))
                .isTrue();
        assertThat(MediaTypes.isForm("multipart/form-data")).isFalse();
    }
}
