# Sourced by the scripts beside it: how one of them gets a Debian package.

# become COMMAND...: run it as root. Fails when we are not root and sudo wants a password.
become() {
  if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo -n "$@" 2>/dev/null; fi
}

# apt_install PACKAGE...: install quietly, or say what a person has to do and exit 2.
apt_install() {
  echo "Installing $* (apt)" >&2
  if command -v apt-get >/dev/null && become true; then
    become apt-get update -qq >/dev/null || true
    become env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null && return
  fi
  echo "Could not install: $*. Please install it yourself (Debian: apt-get install $*), then run this again." >&2
  exit 2
}
