// Whether files have changed: their contents are compared, not times or names, because container platforms replace such
// files by links.
using System.Security.Cryptography;
using System.Text;

namespace RaftLocks.Node.Foundation;

internal static class FileDigest
{
    /// <summary>A digest of the contents of some files; a file that can't be read counts by its name.</summary>
    public static string Of(IEnumerable<string> paths)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var path in paths)
        {
            try
            {
                hash.AppendData(SHA256.HashData(File.ReadAllBytes(path)));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                hash.AppendData(Encoding.UTF8.GetBytes(path));
            }
        }

        return Convert.ToHexString(hash.GetHashAndReset());
    }
}
