# shellcheck shell=bash
# Installs programs as static binaries, for hosts whose package manager must not be used. Each file lies in a folder named by its
# checksum, which appears only once it is complete; links lead there from BINARY_FOLDER. So a link into the store is ours, and any
# other file is not.

uses_binaries() { ((${#BINARIES[@]} > 0)); }

install_binaries() {
    fetch_binaries
    each_binary place_binary
    write_kubelet_unit
    write_containerd_unit
    systemctl daemon-reload
    remove_old_binaries
}

# each_binary FUNCTION: calls FUNCTION with the name and the folder of every file.
each_binary() {
    local row
    while read -ra row; do
        "$1" "${row[0]}" "$BINARY_STORE/${row[0]}-$(checksum_here "${row[@]:1}")"
    done < <(lines "${BINARIES[@]}")
}

# Downloads and verifies all files before the first is installed, so that a wrong one leaves the host unchanged.
fetch_binaries() {
    local fetches=() fetch fetched=true row
    install -d -m 0755 "$BINARY_STORE"
    while read -ra row; do
        fetch_binary "${row[0]}" "$(checksum_here "${row[@]:1}")" &
        fetches+=("$!")
    done < <(lines "${BINARIES[@]}")
    for fetch in "${fetches[@]}"; do wait "$fetch" || fetched=false; done
    if [[ $fetched == true ]]; then return; fi
    rmdir "$BINARY_STORE" 2>/dev/null || true
    die "a file of sources.binaries could not be downloaded; see the error above"
}

fetch_binary() {
    local name=$1 sum=$2 url new=$BINARY_STORE/.$1
    url=$(binary_url "$name")
    [[ -n $sum ]] || die "sources.binaries.$name.sha256: nothing for $(architecture), expected the checksum of $url"
    [[ ! -d $BINARY_STORE/$name-$sum ]] || return 0
    rm -rf "$new"
    install -d -m 0755 "$new"
    if ! (fetch_verified "$url" "$sum" "$new/$name"); then
        rm -rf "$new"
        exit 1
    fi
    case $name in
        containerd | cniPlugins | crictl) unpack "$new" "$name" ;;
        *) chmod 0755 "$new/$name" ;;
    esac
    # The name says that the files are whole, after a power cut too.
    find "$new" -type f -exec sync {} +
    mv -T "$new" "$BINARY_STORE/$name-$sum"
}

binary_url() {
    local url
    url=$(value_of "$1" "${BINARY_URIS[@]}")
    printf '%s' "${url//'{arch}'/$(architecture)}"
}

# unpack FOLDER NAME: unpacks the archive into the folder that it is in, and deletes the archive.
unpack() {
    mv "$1/$2" "$1/.archive"
    (umask 022 && tar --extract --gzip --no-same-owner --file "$1/.archive" --directory "$1") ||
        die "sources.binaries.$2: the file of that checksum is no tar.gz archive"
    rm -f "$1/.archive"
}

place_binary() {
    local name=$1 folder=$2 file
    case $name in
        cniPlugins) place_plugins "$folder" ;;
        containerd) for file in "$folder"/bin/*; do link_binary "$name" "$file"; done ;;
        *) link_binary "$name" "$folder/$name" ;;
    esac
}

# Replaces the link in one step, so that a caller gets the old program or the new one.
link_binary() {
    local name=$1 file=$2 link=$BINARY_FOLDER/${2##*/}
    [[ -x $file ]] || die "sources.binaries.$name: its archive has no ${file##*/}"
    [[ $(readlink "$link" || true) != "$file" ]] || return 0
    if [[ -e $link ]] && ! is_our_binary "$link"; then die "$link already exists and was not installed by us; remove it"; fi
    ln -sfn "$file" "$BINARY_FOLDER/.${link##*/}.new"
    mv -T "$BINARY_FOLDER/.${link##*/}.new" "$link"
}

is_our_binary() { [[ $(readlink "$1" || true) == "$BINARY_STORE"/* ]]; }

# Copies CNI plugins instead of linking them: the installer of a CNI plugin may write to this folder and must not change the store.
place_plugins() {
    local mark=$STATE/cni-plugins file
    [[ $(cat "$mark" 2>/dev/null || true) != "$1" || ! -x $CNI_FOLDER/loopback ]] || return 0
    (umask 022 && mkdir -p "$CNI_FOLDER")
    for file in "$1"/*; do
        [[ -x $file && ! -d $file ]] || continue
        install -m 0755 "$file" "$CNI_FOLDER/.${file##*/}.new"
        mv -T "$CNI_FOLDER/.${file##*/}.new" "$CNI_FOLDER/${file##*/}"
    done
    write_file "$mark" 0600 <<<"$1"
}

remove_old_binaries() {
    local folder current
    current=$(each_binary folder_of_binary)
    for folder in "$BINARY_STORE"/*; do grep --quiet --line-regexp --fixed-strings "$folder" <<<"$current" || rm -rf "$folder"; done
}

folder_of_binary() { printf '%s\n' "$2"; }

# Removes links and units before the store, because a link into the store is what shows that we installed it.
binaries_remove() {
    local link
    [[ -d $BINARY_STORE ]] || return 0
    for link in "$BINARY_FOLDER"/* "$BINARY_FOLDER"/.*.new; do
        if is_our_binary "$link"; then rm -f "$link"; fi
    done
    rm -f "$UNITS"/{kubelet,containerd}.service
    rm -rf "$BINARY_STORE"
}
