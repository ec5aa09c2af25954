# shellcheck shell=bash
# The preflight check of a new host for everything that `prepare` will download (SOURCES).

# The options of curl for sources that have certificates of their own.
SOURCE_OPTIONS=()

check_sources() {
    local name why authorities
    ((${#SOURCES[@]})) && type -P curl >/dev/null || return 0
    authorities=$(mktemp /tmp/.pulumi-kubeadm-XXXXXX)
    trust_sources "$authorities"
    while read -r name why; do
        fault "$name: $why" -- "check the URL, the way to it (sources.proxy) and its certificate"
    done < <(unanswered_sources | sort)
    rm -f "$authorities"
}

# trust_sources FILE: curl shall know the CAs of the host, as far as there are any, and those of the registries, as containerd does.
trust_sources() {
    local bundle="" row
    for row in /etc/ssl/certs/ca-certificates.crt /etc/pki/tls/certs/ca-bundle.crt; do
        if [[ -s $row ]]; then bundle=$row; fi
    done
    if [[ -z $bundle && $HOST_PACKAGES == true ]]; then
        # `prepare` installs the package ca-certificates.
        SOURCE_OPTIONS=(--insecure)
    elif ((${#REGISTRY_CAS[@]})); then
        {
            if [[ -n $bundle ]]; then cat "$bundle"; fi
            for row in "${REGISTRY_CAS[@]}"; do base64 --decode <<<"${row#* }" && echo; done
        } >"$1"
        SOURCE_OPTIONS=(--cacert "$1")
    fi
}

# Asks for all of them side by side. Prints "NAME REASON".
unanswered_sources() {
    local row
    while read -ra row; do
        is_fetched "${row[0]}" || source_fault "${row[@]}" &
    done < <(lines "${SOURCES[@]}")
    wait
}

# is_fetched NAME: true when an `up` that was interrupted has left it on the host.
is_fetched() {
    [[ -e $IDENTITY ]] || return 1
    case $1 in
        sources.binaries.*) compgen -G "$BINARY_STORE/${1#sources.binaries.}-*" >/dev/null ;;
        sources.etcd) [[ -x $ETCD_PROGRAMS/etcd ]] ;;
        sources.*) return 1 ;;
        *) [[ -n $(crictl images --quiet "$1" 2>/dev/null) ]] ;;
    esac
}

# source_fault NAME URL…: prints nothing when one of the URLs serves it.
source_fault() {
    local url why="" status
    for url in "${@:2}"; do
        url=$(url_here "$url")
        # Told by check_package_source.
        if [[ -n $UNANSWERED_SOURCE && $url == "$UNANSWERED_SOURCE"* ]]; then return; fi
        status=$(url_status --head "$url")
        # Some servers refuse HEAD.
        if [[ $status =~ ^(400|403|404|405|501)$ ]]; then status=$(url_status --range 0-0 "$url"); fi
        # A server may fail once.
        if [[ ! $status =~ ^[2-4] ]]; then
            sleep 1
            status=$(url_status --range 0-0 "$url")
        fi
        case $status in
            2??) return ;;
            # A server that wants a login from everybody: containerd gets its token elsewhere, and apt and dnf may have a login of the host's own.
            401 | 403 | 407 | 429) if [[ $url == */manifests/* || $url == */v2/ || $1 =~ ^sources\.(kubernetes|containerd)$ ]]; then return; fi ;;
        esac
        if [[ $status =~ ^[0-9]+$ ]]; then status="status $status"; fi
        why=${why:-"got '$status' from $url, expected the file"}
    done
    printf '%s %s\n' "$1" "$why"
}

# url_here URL: with the values of this host in the place of variables, dnf's among them.
url_here() {
    local url=${1//'{arch}'/$(architecture)} release
    # shellcheck disable=SC2016 # dnf's
    url=${url//'$basearch'/$(uname -m)}
    release=$(os_name)
    release=${release##* }
    # shellcheck disable=SC2016
    printf '%s' "${url//'$releasever'/${release%%.*}}"
}

# url_status OPTION… URL: prints the HTTP status, or curl's error where there is none.
url_status() {
    local said status
    said=$(with_proxy curl --silent --show-error --location --connect-timeout 5 --max-time 15 --output /dev/null \
        --header "Accept: $MANIFEST_TYPES" --write-out '\n%{http_code}\n' "${SOURCE_OPTIONS[@]}" "${ALIAS_OPTIONS[@]}" "$@" 2>&1) || true
    status=$(grep -xE '[0-9]{3}' <<<"$said" | tail -n 1) || true
    if [[ ${status:-000} == 000 ]]; then sed -nE 's/^.*curl: \(([0-9]+)\) //p' <<<"$said" | sed -n 1p; else printf '%s' "$status"; fi
}

# The manifests that containerd takes; and any file.
readonly MANIFEST_TYPES="application/vnd.oci.image.index.v1+json, application/vnd.docker.distribution.manifest.list.v2+json,\
 application/vnd.oci.image.manifest.v1+json, application/vnd.docker.distribution.manifest.v2+json, */*"
