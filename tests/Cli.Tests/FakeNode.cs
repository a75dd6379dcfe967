// A listed node that is none, or does not work: each kind of it, on a socket of its own.
using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace RaftLocks.Cli.Tests;

/// <summary>What is wrong with it.</summary>
public enum Fault
{
    /// <summary>It accepts and never answers.</summary>
    Frozen,

    /// <summary>Its kernel does not even accept.</summary>
    SwallowsConnects,

    /// <summary>Nobody listens there.</summary>
    Refuses,

    /// <summary>It closes every connection at once.</summary>
    Closes,

    /// <summary>It is another web server.</summary>
    NotFound,

    /// <summary>It is a proxy that wants to know who asks.</summary>
    Unauthorized,

    /// <summary>It fails at everything.</summary>
    InternalError,

    /// <summary>It answers everything with a page for browsers.</summary>
    Page,

    /// <summary>It answers everything with JSON of its own.</summary>
    OtherJson,

    /// <summary>It begins an answer and hangs.</summary>
    HalfAnswer,

    /// <summary>It begins an answer of blanks that never ends.</summary>
    EndlessAnswer,

    /// <summary>It speaks another protocol.</summary>
    NoHttp,

    /// <summary>It redirects to an address of another scheme.</summary>
    OddRedirect,

    /// <summary>It names no address at all.</summary>
    EmptyRedirect,

    /// <summary>It redirects to itself.</summary>
    CircularRedirect,

    /// <summary>Nobody confirms its certificate.</summary>
    UntrustedCertificate,
}

/// <summary>A node with a fault.</summary>
public sealed class FakeNode : IAsyncDisposable
{
    // One chunk.
    private static readonly byte[] Blanks = Encoding.ASCII.GetBytes($"10000\r\n{new string(' ', 0x10000)}\r\n");

    private readonly Fault fault;
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly ConcurrentBag<IDisposable> open = [];
    private readonly X509Certificate2? certificate;
    private readonly Task serving = Task.CompletedTask;

    public FakeNode(Fault fault)
    {
        this.fault = fault;
        listener.Start(fault == Fault.SwallowsConnects ? 0 : 100);
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        Url = new Uri($"{(fault == Fault.UntrustedCertificate ? "https" : "http")}://127.0.0.1:{port}");
        switch (fault)
        {
            case Fault.Refuses:
                listener.Stop();
                return;
            case Fault.SwallowsConnects:
                // Its queue is full, and nobody takes anything out of it.
                for (var taken = 0; taken < 4; taken++)
                {
                    var filler = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp)
                    {
                        Blocking = false,
                    };
                    open.Add(filler);
                    _ = filler
                        .ConnectAsync(IPAddress.Loopback, port)
                        .ContinueWith(task => task.Exception, TaskScheduler.Default);
                }

                return;
            case Fault.UntrustedCertificate:
                using (var key = RSA.Create(2048))
                {
                    var request = new CertificateRequest(
                        "CN=127.0.0.1",
                        key,
                        HashAlgorithmName.SHA256,
                        RSASignaturePadding.Pkcs1
                    );
                    using var own = request.CreateSelfSigned(
                        DateTimeOffset.UtcNow.AddDays(-1),
                        DateTimeOffset.UtcNow.AddDays(1)
                    );
                    certificate = X509CertificateLoader.LoadPkcs12(own.Export(X509ContentType.Pkcs12), null);
                }

                break;
        }

        serving = AcceptAsync();
    }

    public Uri Url { get; }

    /// <summary>How often somebody came.</summary>
    public int Visits { get; private set; }

    public async ValueTask DisposeAsync()
    {
        listener.Stop();
        foreach (var socket in open)
        {
            socket.Dispose();
        }

        await serving;
        certificate?.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (true)
        {
            TcpClient client;
            try
            {
                client = await listener.AcceptTcpClientAsync();
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException or InvalidOperationException)
            {
                return;
            }

            Visits++;
            open.Add(client);
            _ = ServeAsync(client);
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        try
        {
            Stream stream = client.GetStream();
            if (fault == Fault.Closes)
            {
                client.Dispose();
                return;
            }

            if (certificate is not null)
            {
                var secured = new SslStream(stream);
                await secured.AuthenticateAsServerAsync(certificate);
                stream = secured;
            }

            var request = new byte[8192];
            while (await stream.ReadAsync(request) > 0)
            {
                if (Answer() is { } answer)
                {
                    await stream.WriteAsync(Encoding.ASCII.GetBytes(answer));
                    await stream.FlushAsync();
                    while (fault == Fault.EndlessAnswer)
                    {
                        await stream.WriteAsync(Blanks);
                    }
                }
            }
        }
        catch (Exception e)
            when (e is IOException or ObjectDisposedException or System.Security.Authentication.AuthenticationException)
        {
            // The visitor left, or does not trust the certificate.
        }
    }

    private string? Answer() =>
        fault switch
        {
            Fault.NotFound => Http("404 Not Found", "text/html", "<html><h1>404 Not Found</h1></html>"),
            Fault.Unauthorized => Http("401 Unauthorized", "text/html", "<html>Log in.</html>"),
            Fault.InternalError => Http("500 Internal Server Error", "text/plain", "oops"),
            Fault.Page or Fault.UntrustedCertificate => Http("200 OK", "text/html", "<html>Welcome!</html>"),
            Fault.OtherJson => Http("200 OK", "application/json", """{"status":"green","cluster_name":"other"}"""),
            Fault.HalfAnswer =>
                "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 5000\r\n\r\n{\"requests\":[",
            Fault.EndlessAnswer =>
                "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n",
            Fault.NoHttp => "-ERR unknown command\r\n",
            Fault.OddRedirect =>
                "HTTP/1.1 307 Temporary Redirect\r\nLocation: gopher://127.0.0.1/\r\nContent-Length: 0\r\n\r\n",
            Fault.EmptyRedirect => "HTTP/1.1 307 Temporary Redirect\r\nContent-Length: 0\r\n\r\n",
            Fault.CircularRedirect =>
                $"HTTP/1.1 307 Temporary Redirect\r\nLocation: {Url}\r\nContent-Length: 0\r\n\r\n",
            _ => null,
        };

    private static string Http(string status, string type, string body) =>
        $"HTTP/1.1 {status}\r\nContent-Type: {type}\r\nContent-Length: {body.Length}\r\n\r\n{body}";
}
