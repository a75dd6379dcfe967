# Part of scripts/release.sh: the Debian packages.

# manual FOLDER: the manual pages and the completion, by the programs for this machine.
manual() {
  [[ -d "$1" ]] && return
  local host programs
  host=linux-$(uname -m | sed 's/x86_64/x64/;s/aarch64/arm64/')
  make_programs "$host" || fail "the programs for this machine could not be built: $(tail -n 3 "$work/publish.log")"
  programs=$work/bin/$host
  "$programs/raftlocks" manual "$1" >/dev/null
  "$programs/raftlocks-node" manual "$1" >/dev/null
  "$programs/raftlocks" completion bash >"$1/raftlocks.bash"
}

# lay_out ROOT RID: the files of the package where they will be.
lay_out() {
  local files=$source/deploy page
  install -D -m 755 -t "$1/usr/lib/raftlocks" "$work/bin/$2/raftlocks-node" "$work/bin/$2/raftlocks"
  install -D -m 644 -t "$1/usr/lib/raftlocks" "$work/bin/$2/appsettings.json"
  install -d "$1/usr/bin"
  ln -s ../lib/raftlocks/raftlocks "$1/usr/bin/raftlocks"
  ln -s ../lib/raftlocks/raftlocks-node "$1/usr/bin/raftlocks-node"
  install -D -m 644 -t "$1/lib/systemd/system" "$files/systemd/raftlocks-node.service"
  install -D -m 600 -t "$1/etc/raftlocks" "$files/debian/node.env"
  for page in "$work"/manual/*.[18]; do
    install -d "$1/usr/share/man/man${page##*.}"
    gzip -n -9 <"$page" >"$1/usr/share/man/man${page##*.}/$(basename "$page").gz"
  done
  install -D -m 644 "$work/manual/raftlocks.bash" "$1/usr/share/bash-completion/completions/raftlocks"
  install -D -m 644 "$work/manual/raftlocks-node.bash" "$1/usr/share/bash-completion/completions/raftlocks-node"
  install -D -m 644 -t "$1/usr/share/doc/raftlocks" "$source/README.md" "$out"/raftlocks{,-node}-"$version".cdx.json
  install -D -m 644 "$source/LICENSE" "$1/usr/share/doc/raftlocks/copyright"
  gzip -n -9 <"$source/CHANGELOG.md" >"$1/usr/share/doc/raftlocks/changelog.gz"
}

# make_deb_for RID ARCHITECTURE. A prerelease is older than its release: that is what ~ means to dpkg.
make_deb_for() {
  local root=$work/deb-$2 name=raftlocks_${version/-/\~}_$2.deb size
  say "Debian package for $2"
  manual "$work/manual"
  lay_out "$root" "$1"
  size=$(du --apparent-size -sk "$root" | cut -f1)
  install -d "$root/DEBIAN"
  sed -e "s/@VERSION@/${version/-/\~}/" -e "s/@ARCHITECTURE@/$2/" -e "s/@SIZE@/$size/" \
    "$source/deploy/debian/control" >"$root/DEBIAN/control"
  install -m 644 -t "$root/DEBIAN" "$source/deploy/debian/conffiles"
  install -m 755 -t "$root/DEBIAN" "$source"/deploy/debian/{postinst,prerm,postrm}
  (cd "$root" && find usr lib -type f | LC_ALL=C sort | xargs -d '\n' md5sum >DEBIAN/md5sums)
  find "$root" -exec touch --no-dereference --date="@$SOURCE_DATE_EPOCH" {} +
  dpkg-deb --root-owner-group --threads-max=1 -Zxz -z3 --build "$root" "$out/$name" >/dev/null
  made+=("$name")
}

make_deb() {
  local rid
  if ! command -v dpkg-deb >/dev/null; then
    leave_out "Debian packages" "dpkg-deb is missing (apt-get install dpkg)"
    return
  fi
  for rid in "${rids[@]}"; do
    case "$rid" in
      linux-x64 | linux-arm64)
        if make_programs "$rid"; then
          make_deb_for "$rid" "$([[ $rid == linux-x64 ]] && echo amd64 || echo arm64)"
        else
          tail -n 3 "$work/publish.log" >&2
          leave_out "Debian package for $rid" "its programs could not be built, see above"
        fi
        ;;
    esac
  done
}
