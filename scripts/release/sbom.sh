# Part of scripts/release.sh: what is in each program and package (CycloneDX, JSON).

# make_sbom PROJECT NAME [FRAMEWORK=VERSION...]
make_sbom() {
  say "bill of materials of $2"
  (cd "$source" && dotnet CycloneDX "src/$1/$1.csproj" --output-format Json --recursive --exclude-dev \
    --no-serial-number --set-name "$2" --set-version "$version" --set-type Application \
    --output "$work/sbom" --filename "$2.json" --disable-package-restore) >"$work/sbom.log" 2>&1 ||
    { cat "$work/sbom.log" >&2 && fail "the bill of materials of $2 could not be made"; }
  python3 "$repository_root/scripts/release/bill.py" "$work/sbom/$2.json" "$out/$2-$version.cdx.json" "${@:3}"
  made+=("$2-$version.cdx.json")
}

make_sboms() {
  local project runtime
  (cd "$source" && dotnet tool restore >/dev/null)
  for project in Node Cli Client.DistributedLock; do
    dotnet restore "$source/src/$project" -v quiet
  done
  # The runtime that the single files have in them.
  runtime=$(dotnet msbuild "$source/src/Cli" -getProperty:BundledNETCoreAppPackageVersion)
  make_sbom Node raftlocks-node "Microsoft.NETCore.App=$runtime" "Microsoft.AspNetCore.App=$runtime"
  make_sbom Cli raftlocks "Microsoft.NETCore.App=$runtime"
  make_sbom Client RaftLocks.Client
  make_sbom Client.DistributedLock RaftLocks.Client.DistributedLock
}
