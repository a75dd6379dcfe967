// The settings of the Raft port: which of them belong together, and that no cluster is open to strangers unless
// somebody has said so.
namespace RaftLocks.Node.Foundation;

internal sealed partial class SettingsCheck
{
    private CertificatePaths? RaftCertificates()
    {
        var paths = new CertificatePaths
        {
            Certificate = FilePath(RaftSettings.TlsCert),
            Key = FilePath(RaftSettings.TlsKey),
            Authorities = FilePath(RaftSettings.TlsCa),
        };
        var given = paths.All.Count();
        if (given is 1 or 2)
        {
            sources.Errors.Add("--raft-tls-cert, --raft-tls-key and --raft-tls-ca belong together: give all three.");
        }

        return given == 3 ? paths : null;
    }

    private void RequireGuard(NodeSettings settings)
    {
        if (
            (settings.Members.Count > 1 || settings.Join)
            && settings.Members.Any(member => member.Name == settings.Name)
            && settings.IsRaftUnguarded
        )
        {
            sources.Errors.Add(NodeSettings.UnguardedText);
        }
    }
}
