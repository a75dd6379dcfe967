# Part of scripts/release.sh: node and command line as one file each that needs no runtime beside it.

# publish RID PROJECT: into $work/bin/RID. Compiled ahead of time (ReadyToRun): a start takes three quarters of the time.
# The framework is already; to compile it anew together with the program (composite) takes minutes.
publish() {
  dotnet publish "$source/src/$2" "${properties[@]}" -r "$1" --self-contained -p:PublishSingleFile=true \
    -p:PublishReadyToRun=true -p:PublishReadyToRunComposite=false -p:DebugType=embedded \
    -p:GenerateDocumentationFile=false -o "$work/bin/$1" >"$work/publish.log" 2>&1
}

# make_programs RID: both programs, once. Fails where the runtime for that system can't be had.
make_programs() {
  [[ -e "$work/bin/$1.done" ]] && return
  local project
  for project in Node Cli; do
    say "src/$project for $1"
    publish "$1" "$project" || return
  done
  rm -f "$work/bin/$1"/*.pdb "$work/bin/$1"/*.xml
  touch "$work/bin/$1.done"
}

make_binaries() {
  local rid name
  for rid in "${rids[@]}"; do
    if ! make_programs "$rid"; then
      tail -n 3 "$work/publish.log" >&2
      leave_out "programs for $rid" "the build failed, see above"
      continue
    fi
    name=raftlocks-$version-$rid
    mkdir -p "$work/$name"
    cp -a "$work/bin/$rid/." "$source"/{README.md,CHANGELOG.md,LICENSE} "$out/raftlocks-$version.cdx.json" \
      "$out/raftlocks-node-$version.cdx.json" "$work/$name/"
    archive "$name"
  done
}

# archive NAME: the folder as an archive whose bytes depend on nothing but its files.
archive() {
  find "$work/$1" -exec touch --no-dereference --date="@$SOURCE_DATE_EPOCH" {} +
  if [[ "$1" == *-win-* ]]; then
    rm -f "$out/$1.zip"
    (cd "$work" && find "$1" -type f | LC_ALL=C sort | TZ=UTC zip -q -X -9 "$out/$1.zip" -@)
    made+=("$1.zip")
  else
    tar -C "$work" --sort=name --owner=0 --group=0 --numeric-owner --mode=u+rw,go=rX --format=gnu -cf - "$1" |
      gzip -n -9 >"$out/$1.tar.gz"
    made+=("$1.tar.gz")
  fi
}
