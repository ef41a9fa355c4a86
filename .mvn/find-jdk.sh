# Finds a JDK of at least $HOOKS_JDK (25) and exports it as JAVA_HOME. Sourced by ./mvnw, ./hooks and bin/hooks, so
# that a newcomer exports nothing. Order: JAVA_HOME, the java on the PATH, the places where JDKs usually stand.
# A home's `release` file tells its version, so nothing is started only to be asked.

hooks_jdk_major() { # home -> major version, 0 if that is no Java home
  [ -x "$1/bin/java" ] && [ -r "$1/release" ] || { echo 0; return; }
  sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$1/release" | head -n 1 | grep . || echo 0
}

hooks_find_jdk() { # tool that the home must have: java or javac
  hooks_want=${HOOKS_JDK:-25}
  hooks_path_java=$(command -v java 2>/dev/null || true)
  if [ -n "$hooks_path_java" ]; then
    hooks_path_java=$(dirname "$(dirname "$(readlink -f "$hooks_path_java")")")
  fi
  set +f # mvnw runs with globbing off
  for hooks_home in "${JAVA_HOME:-}" "$hooks_path_java" \
    /usr/lib/jvm/* /usr/java/* /opt/java/* /opt/*jdk* /opt/*temurin* \
    "${HOME:-/nonexistent}"/.sdkman/candidates/java/* "${HOME:-/nonexistent}"/.jdks/* \
    "${HOME:-/nonexistent}"/.asdf/installs/java/* "${HOME:-/nonexistent}"/.local/share/mise/installs/java/* \
    /Library/Java/JavaVirtualMachines/*/Contents/Home /opt/homebrew/opt/openjdk*/libexec/openjdk.jdk/Contents/Home; do
    [ -n "$hooks_home" ] && [ -x "$hooks_home/bin/$1" ] || continue
    if [ "$(hooks_jdk_major "$hooks_home")" -ge "$hooks_want" ]; then
      JAVA_HOME=$hooks_home
      export JAVA_HOME
      return 0
    fi
  done
  if [ "$1" = javac ]; then hooks_kind=JDK; else hooks_kind=Java; fi
  echo "hooks: no $hooks_kind $hooks_want or later found in JAVA_HOME, on the PATH or in the usual places (such as /usr/lib/jvm);" \
    "install one, for example Temurin $hooks_want from https://adoptium.net, or set JAVA_HOME to it." >&2
  return 1
}
