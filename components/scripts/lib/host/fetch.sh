# shellcheck shell=bash
# Downloads files and verifies their checksums before they are used.

# The architecture as Debian, Go and upstream's releases name it.
architecture() { case $(uname -m) in x86_64) printf amd64 ;; *) printf arm64 ;; esac }

# checksum_here SUM…: prints the checksum for this architecture, of `amd64=…` and so on.
checksum_here() { lines "$@" | sed -n "s/^$(architecture)=//p"; }

# fetch_verified URL SUM FILE: downloads URL to FILE; deletes FILE when its checksum is not SUM.
fetch_verified() {
    local url=$1 sum=$2 file=$3 got
    log "fetching $url"
    with_proxy curl --fail --silent --show-error --location --connect-timeout 15 --max-time 600 --output "$file" "$url" ||
        die "cannot fetch $url"
    got=$(sha256sum <"$file" | cut -c1-64)
    if [[ $got == "$sum" ]]; then return; fi
    rm -f "$file"
    die "$url: got sha256 $got, expected $sum; nothing was installed"
}
