# Part of scripts/release.sh: the container's image, as a file that docker load takes.

make_image() {
  local name=raftlocks-$version-image.tar.gz
  if ! command -v docker >/dev/null || ! docker info >/dev/null 2>&1; then
    leave_out "image" "no docker answers here: start it, or set DOCKER_HOST"
    return
  fi
  say "image raftlocks-node:$version"
  # shellcheck disable=SC2086 # several flags
  if ! docker build ${DOCKER_BUILD_FLAGS:-} --build-arg VERSION="$version" --build-arg COMMIT="$commit" \
    --tag "raftlocks-node:$version" "$source" >"$work/image.log" 2>&1; then
    tail -n 5 "$work/image.log" >&2
    leave_out "image" "docker build failed, see above"
    return
  fi
  docker save "raftlocks-node:$version" | gzip -n >"$out/$name"
  made+=("$name")
}
