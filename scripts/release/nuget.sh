# Part of scripts/release.sh: the packages for NuGet, with symbols.

make_nuget() {
  local project package
  for project in Client Client.DistributedLock Cli; do
    say "NuGet package of src/$project"
    dotnet pack "$source/src/$project" "${properties[@]}" -o "$work/nuget"
  done
  for package in "$work"/nuget/*."$version".{nupkg,snupkg}; do
    python3 "$repository_root/scripts/release/same_bytes.py" "$package" "$out/$(basename "$package")"
    made+=("$(basename "$package")")
  done
}
