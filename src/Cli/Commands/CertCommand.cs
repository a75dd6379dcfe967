// "raftlocks cert ca|node|client": certificates for those who have no authority of their own.
using System.CommandLine;
using System.Globalization;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using RaftLocks.Cli.Certificates;
using RaftLocks.Cli.Shared;
using RaftLocks.Client;

namespace RaftLocks.Cli.Commands;

internal static class CertCommand
{
    private const string AuthorityFile = "ca";
    private const int MaxDays = 36_500;
    private const int AuthorityDays = 3650;
    private const int Days = 365;
    private const int MaxName = 64;

    private const string Description = """
        Makes an authority for a cluster, and certificates of nodes and clients that it signs. PEM files; keys are readable by their owner only.

        Examples:
          raftlocks cert ca --out certs
          raftlocks cert node n1 --ip 10.0.0.1 --ca certs --out certs
          raftlocks cert client deploy-bot --ca certs --out certs

        Each node gets ca.crt, and its own NAME.crt and NAME.key. ca.key stays where no node is: whoever has it can be any node.
        docs/security.md tells the rest.
        """;

    public static Command Make(Terminal terminal)
    {
        var folder = new Option<string>("--out")
        {
            Description = "The folder for the files",
            HelpName = "DIR",
            DefaultValueFactory = _ => ".",
        };
        var authority = new Option<string>("--ca")
        {
            Description = "The folder with ca.crt and ca.key",
            HelpName = "DIR",
            DefaultValueFactory = _ => ".",
        };
        return new DescribedCommand("cert", Description)
        {
            Authority(terminal, folder),
            Node(terminal, folder, authority),
            Client(terminal, folder, authority),
        };
    }

    private static DescribedCommand Authority(Terminal terminal, Option<string> folder)
    {
        var name = new Option<string>("--name")
        {
            Description = "Its common name",
            HelpName = "NAME",
            DefaultValueFactory = _ => "RaftLocks CA",
        };
        var days = DaysOption(AuthorityDays);
        var command = new DescribedCommand("ca", "Makes an authority: ca.crt and ca.key.") { name, days, folder };
        command.SetAction(
            (parsed, _) =>
                WriteAsync(
                    terminal,
                    new CertificateFile(parsed.GetRequiredValue(folder), AuthorityFile),
                    () => Maker().Authority(parsed.GetRequiredValue(name), Lifetime(parsed.GetRequiredValue(days)))
                )
        );
        return command;
    }

    private static DescribedCommand Node(Terminal terminal, Option<string> folder, Option<string> authority)
    {
        var name = new Argument<string>("NAME") { Description = "The member's name, as in --member" };
        var hosts = new Option<string[]>("--dns")
        {
            Description = "A host name by which clients reach it; may be repeated",
            HelpName = "HOST",
        };
        var addresses = new Option<string[]>("--ip")
        {
            Description = "An address by which clients reach it; may be repeated",
            HelpName = "ADDRESS",
        };
        var days = DaysOption(Days);
        var command = new DescribedCommand(
            "node",
            "Makes a node's certificate, for its Raft port and for its client port: NAME.crt and NAME.key."
        )
        {
            name,
            hosts,
            addresses,
            days,
            authority,
            folder,
        };
        command.SetAction(
            (parsed, _) =>
                WriteAsync(
                    terminal,
                    new CertificateFile(parsed.GetRequiredValue(folder), NameOf(parsed.GetRequiredValue(name))),
                    () =>
                    {
                        using var signer = Signer(parsed.GetRequiredValue(authority));
                        return Maker()
                            .Node(
                                signer,
                                parsed.GetRequiredValue(name),
                                parsed.GetValue(hosts) ?? [],
                                [.. (parsed.GetValue(addresses) ?? []).Select(AddressOf)],
                                Lifetime(parsed.GetRequiredValue(days))
                            );
                    }
                )
        );
        return command;
    }

    private static DescribedCommand Client(Terminal terminal, Option<string> folder, Option<string> authority)
    {
        var name = new Argument<string>("NAME") { Description = "Who it is, as it shall be known" };
        var days = DaysOption(Days);
        var command = new DescribedCommand("client", "Makes a client's certificate: NAME.crt and NAME.key.")
        {
            name,
            days,
            authority,
            folder,
        };
        command.SetAction(
            (parsed, _) =>
                WriteAsync(
                    terminal,
                    new CertificateFile(parsed.GetRequiredValue(folder), NameOf(parsed.GetRequiredValue(name))),
                    () =>
                    {
                        using var signer = Signer(parsed.GetRequiredValue(authority));
                        return Maker()
                            .Client(signer, parsed.GetRequiredValue(name), Lifetime(parsed.GetRequiredValue(days)));
                    }
                )
        );
        return command;
    }

    private static Option<int> DaysOption(int byDefault) =>
        new("--days")
        {
            Description = "How long it is valid, but never longer than its authority",
            HelpName = "DAYS",
            DefaultValueFactory = _ => byDefault,
        };

    private static CertificateMaker Maker() => new(DateTimeOffset.UtcNow);

    private static X509Certificate2 Signer(string folder) => new CertificateFile(folder, AuthorityFile).Read();

    private static async Task<int> WriteAsync(Terminal terminal, CertificateFile file, Func<X509Certificate2> make)
    {
        file.RequireNone();
        try
        {
            using var certificate = make();
            file.Write(certificate);
            await terminal.Out.WriteLineAsync(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"Wrote {file.Certificate} and {file.Key}, "
                        + $"valid until {certificate.NotAfter.ToUniversalTime():yyyy-MM-dd}."
                )
            );
            return ExitCodes.Done;
        }
        catch (ArgumentException e)
        {
            throw UsageException.Of(e);
        }
        catch (Exception e) when (e is (IOException and not OutputException) or UnauthorizedAccessException)
        {
            throw new RaftLocksException($"{file.Certificate} could not be written: {e.Message.TrimEnd('.')}.", e);
        }
    }

    // It is a file's name too.
    private static string NameOf(string name) =>
        name.Length is > 0 and <= MaxName
        && !name.StartsWith('.')
        && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.')
            ? name
            : throw new UsageException(
                $"'{name}' is no name: 1 to {MaxName} letters, digits, '-', '_' or '.', and no '.' in front."
            );

    private static IPAddress AddressOf(string text) =>
        IPAddress.TryParse(text, out var address)
            ? address
            : throw new UsageException(
                $"--ip '{text}': give an address such as 10.0.0.1; a host name is given by --dns."
            );

    private static TimeSpan Lifetime(int days) =>
        days is > 0 and <= MaxDays
            ? TimeSpan.FromDays(days)
            : throw new UsageException($"--days {days}: give a number from 1 to {MaxDays}.");
}
