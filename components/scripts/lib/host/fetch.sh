# shellcheck shell=bash
# Files from elsewhere, which are used only when they are what they were said to be.

# In the words of Debian, Go and upstream's releases.
architecture() { case $(uname -m) in x86_64) printf amd64 ;; *) printf arm64 ;; esac }

# checksum_here SUMS: this architecture's, of "amd64=… arm64=…".
checksum_here() { tr ' ' '\n' <<<"$1" | sed -n "s/^$(architecture)=//p"; }

# fetch_verified URL SUM FILE: FILE is gone when it is not what was expected.
fetch_verified() {
    local url=$1 sum=$2 file=$3 got
    log "fetching $url"
    with_proxy curl --fail --silent --show-error --location --connect-timeout 15 --max-time 600 --output "$file" "$url" ||
        die "cannot fetch $url"
    got=$(sha256sum <"$file" | cut -c1-64)
    [[ $got == "$sum" ]] && return
    rm -f "$file"
    die "$url: got sha256 $got, expected $sum; nothing was installed"
}
