#!/usr/bin/env bash
# Makes everything of a release into artifacts/: the NuGet packages, the programs in one file each, the Debian packages
# and the container's image, each with a bill of materials (CycloneDX), and their checksums (SHA256SUMS).
#
#   scripts/release.sh VERSION [OPTION...]      for example: scripts/release.sh 0.2.0
#
#   --only PART,...    only these parts: nuget, binaries, deb, image (default: all four)
#   --rid RID,...      for these systems (default: linux-x64,linux-arm64,win-x64,osx-arm64)
#   --allow-missing    leave out what can't be made on this machine, and say so at the end; else that is an error
#   --repository URL   the address of the sources that the packages name (default: where this clone comes from)
#   --out DIR          where all is put; what is there of the same names is replaced (default: artifacts)
#
# What is committed is built (HEAD), in a clone of its own: changes that are not committed are no part of a release.
# Packages and programs have the same bytes at each run with the same SDK and TMPDIR; the image has not (layers have times
# in them).
# Needs git, the .NET SDK and python3; tar, gzip and zip for programs; dpkg-deb for Debian packages; docker for the image.
set -euo pipefail

fail() {
  echo "release: $1" >&2
  exit "${2:-1}"
}

repository_root=$(cd "$(dirname "$0")/.." && pwd)
parts=nuget,binaries,deb,image rids=linux-x64,linux-arm64,win-x64,osx-arm64
allow_missing=false url="" out=$repository_root/artifacts version=""
while (($# > 0)); do
  case "$1" in
    --only) parts=${2:?--only needs parts} && shift ;;
    --rid) rids=${2:?--rid needs a system} && shift ;;
    --allow-missing) allow_missing=true ;;
    --repository) url=${2:?--repository needs an address} && shift ;;
    --out) out=$(realpath -m "${2:?--out needs a folder}") && shift ;;
    -h | --help)
      sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//p}' "$0"
      exit 0
      ;;
    -*) fail "unknown option: $1 (try --help)" 2 ;;
    *)
      [[ -z "$version" ]] || fail "one version, not both '$version' and '$1'" 2
      version=$1
      ;;
  esac
  shift
done

[[ -n "$version" ]] || fail "which version? As in: scripts/release.sh 0.2.0 (try --help)" 2
[[ "$version" =~ ^(0|[1-9][0-9]*)(\.(0|[1-9][0-9]*)){2}(-[0-9A-Za-z]+(\.[0-9A-Za-z]+)*)?$ ]] ||
  fail "'$version' is no version: write 1.2.3, or 1.2.3-rc.1 for a prerelease; the tag has a v before it, the version not" 2
IFS=, read -ra parts <<<"$parts"
IFS=, read -ra rids <<<"$rids"
for part in "${parts[@]}"; do
  [[ "$part" =~ ^(nuget|binaries|deb|image)$ ]] || fail "there is no part '$part': nuget, binaries, deb, image" 2
done
for rid in "${rids[@]}"; do
  [[ "$rid" =~ ^(linux|win|osx)-(x64|arm64)$ ]] || fail "'$rid' is no system that is built for: linux-x64, win-x64, …" 2
done
for tool in git dotnet python3; do
  command -v "$tool" >/dev/null || fail "$tool is missing: install it"
done

wants() { [[ " ${parts[*]} " == *" $1 "* ]]; }

# The tag, if there is one, must be this version's.
cd "$repository_root"
commit=$(git rev-parse HEAD 2>/dev/null) || fail "$repository_root is no git repository: a release is made from a clone"
tags=$(git tag --points-at HEAD --list 'v[0-9]*')
if [[ -z "$tags" ]]; then
  echo "release: $commit has no tag; give it one when all is well: git tag v$version" >&2
elif ! grep -qxF "v$version" <<<"$tags"; then
  fail "this commit is tagged ${tags//$'\n'/, }, not v$version: check out v$version, or give the tag's version"
fi
[[ -z "$(git status --porcelain)" ]] || echo "release: changes that are not committed are left out" >&2
if [[ -z "$url" ]]; then
  url=$(git remote get-url origin 2>/dev/null || true)
  [[ "$url" =~ ^(https://|git@|ssh://) ]] || url=""
fi
[[ -n "$url" ]] || echo "release: no address of the sources is known (--repository): packages name none, SourceLink is left out" >&2

# Always the same folder: what Razor generates has its path in it.
work=${TMPDIR:-/tmp}/raftlocks-release
mkdir "$work" || fail "another release is being made in $work, or one was cut off: then remove that folder"
trap 'rm -rf "$work"' EXIT
source=$work/source
git clone --quiet --no-hardlinks "file://$repository_root" "$source"
git -C "$source" checkout --quiet --detach "$commit"
if [[ -n "$url" ]]; then git -C "$source" remote set-url origin "$url"; else git -C "$source" remote remove origin; fi
SOURCE_DATE_EPOCH=$(git log -1 --format=%ct)
export SOURCE_DATE_EPOCH DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
mkdir -p "$out"

# The style was looked at when the change landed.
properties=(-c Release --nologo -v quiet -p:MinVerSkip=true -p:Version="$version" -p:ContinuousIntegrationBuild=true
  -p:RunAnalyzers=false -p:UseSharedCompilation=true)
missing=() made=()
started=$SECONDS
say() { printf '[%4d s] %s\n' $((SECONDS - started)) "$*"; }

# leave_out WHAT WHY: what can't be made on this machine.
leave_out() {
  $allow_missing || fail "$1 can't be made here: $2 (--allow-missing leaves it out)"
  say "left out: $1: $2"
  missing+=("$1: $2")
}

for part in sbom nuget binaries deb image; do
  # shellcheck source=/dev/null
  . "$repository_root/scripts/release/$part.sh"
done
make_sboms
for part in nuget binaries deb image; do
  if wants "$part"; then "make_$part"; fi
done

(cd "$out" && printf '%s\n' "${made[@]}" | LC_ALL=C sort -u | xargs -d '\n' sha256sum >SHA256SUMS)
say "RaftLocks $version (${commit:0:10}) is in $out:"
(cd "$out" && du --apparent-size -h "${made[@]}" SHA256SUMS | LC_ALL=C sort -k2)
if ((${#missing[@]} > 0)); then
  printf 'left out: %s\n' "${missing[@]}"
fi
