package org.cdshooks.toolkit.verify;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaMethodCall;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * What is secret is compared by {@link MessageDigest#isEqual} alone, which takes as long for a wrong first byte as for a
 * wrong last one. No count can show that, and no clock reliably can, so the compiled code is read.
 */
class ComparisonTest {
    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("org.cdshooks.toolkit.verify");

    private static Set<String> callersOf(Class<?> owner, String method) {
        return CLASSES.stream()
                .flatMap(type -> type.getMethodCallsFromSelf().stream())
                .filter(call -> call.getTargetOwner().isEquivalentTo(owner)
                        && call.getTarget().getName().equals(method))
                .map(JavaMethodCall::getOriginOwner)
                .map(JavaClass::getSimpleName)
                .collect(Collectors.toSet());
    }

    @Test
    void bytesAreComparedInConstantTime() {
        assertThat(callersOf(MessageDigest.class, "isEqual")).containsExactlyInAnyOrder("Hmac", "Tokens");
    }

    @Test
    void bytesAreComparedInNoOtherWay() {
        assertThat(CLASSES).isNotEmpty();
        noClasses()
                .should()
                .callMethod(Arrays.class, "equals", byte[].class, byte[].class)
                .orShould()
                .callMethod(Arrays.class, "compare", byte[].class, byte[].class)
                .orShould()
                .callMethod(Arrays.class, "mismatch", byte[].class, byte[].class)
                .orShould()
                .callMethod(ByteBuffer.class, "equals", Object.class)
                .check(CLASSES);
    }

    /** Two hex texts or tokens are no Strings when they are compared. */
    @Test
    void theClassesThatCompareCompareNoTexts() {
        assertThat(callersOf(String.class, "equals")).doesNotContain("Hmac", "Tokens");
        assertThat(callersOf(String.class, "equalsIgnoreCase")).doesNotContain("Hmac", "Tokens");
    }
}
