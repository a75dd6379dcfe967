// The client in a container of services: one for all, settings checked, health, measurements and traces.
using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;
using RaftLocks.Client.Tests.Scripted;
using static RaftLocks.Client.LockResource;

namespace RaftLocks.Client.Tests;

public class HostingTests
{
    [Fact]
    public async Task There_is_one_client_for_all()
    {
        await using var services = new ServiceCollection()
            .AddRaftLocks(options => options.Nodes.Add(new Uri("http://127.0.0.1:1")))
            .Services.BuildServiceProvider();

        Assert.Same(services.GetRequiredService<IRaftLocksClient>(), services.GetRequiredService<RaftLocksClient>());
    }

    [Fact]
    public async Task Wrong_settings_are_all_told()
    {
        await using var services = new ServiceCollection()
            .AddRaftLocks(options =>
            {
                options.Namespace = "";
                options.AbandonTimeout = TimeSpan.FromMilliseconds(10);
            })
            .Services.BuildServiceProvider();

        var wrong = Assert.Throws<OptionsValidationException>(() => services.GetRequiredService<IRaftLocksClient>());

        Assert.Equal(3, wrong.Failures.Count());
    }

    [Theory]
    [InlineData(true, HealthStatus.Healthy)]
    [InlineData(false, HealthStatus.Unhealthy)]
    public async Task Health_is_asked_by_https_of_nodes_that_are_trusted(bool isTrusted, HealthStatus expected)
    {
        using var authority = new TestAuthority();
        var (cert, key) = authority.Issue("node");
        using var pair = X509Certificate2.CreateFromPemFile(cert, key);
        using var certificate = X509CertificateLoader.LoadPkcs12(pair.Export(X509ContentType.Pkcs12), null);
        await using var node = await ScriptedNode.StartAsync(_ => Task.CompletedTask, certificate);
        var collection = new ServiceCollection();
        collection.AddLogging();
        collection.AddRaftLocks(options =>
        {
            options.Nodes.Add(node.Url);
            options.CertificateAuthorities = isTrusted ? authority.Authorities : null;
        });
        collection.AddHealthChecks().AddRaftLocks();
        await using var services = collection.BuildServiceProvider();

        var report = await services.GetRequiredService<HealthCheckService>().CheckHealthAsync();

        Assert.Equal(expected, report.Status);
        Assert.Equal(
            isTrusted,
            report.Entries["raftlocks"].Data.Values.Single() is not string told
                || !told.Contains("none of the trusted authorities", StringComparison.Ordinal)
        );
    }

    [Theory]
    [InlineData(200, HealthStatus.Healthy)]
    [InlineData(503, HealthStatus.Unhealthy)]
    public async Task Health_asks_the_nodes(int status, HealthStatus expected)
    {
        await using var node = await ScriptedNode.StartAsync(context =>
        {
            context.Response.StatusCode =
                context.Request.Path == "/health/ready" ? status : StatusCodes.Status404NotFound;
            return Task.CompletedTask;
        });
        var collection = new ServiceCollection();
        collection.AddLogging();
        collection.AddRaftLocks(options => options.Nodes.Add(node.Url));
        collection.AddHealthChecks().AddRaftLocks();
        await using var services = collection.BuildServiceProvider();

        var report = await services.GetRequiredService<HealthCheckService>().CheckHealthAsync();

        Assert.Equal(expected, report.Status);
    }

    [Fact]
    public async Task An_acquire_is_measured_and_traced()
    {
        var measured = new ConcurrentBag<string?>();
        var traced = new ConcurrentBag<Activity>();
        using var meters = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter.Name == Telemetry.Name && instrument.Name == "raftlocks.client.acquires")
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            },
        };
        meters.SetMeasurementEventCallback<long>((_, _, tags, _) => measured.Add(tags[0].Value as string));
        meters.Start();
        using var activities = new ActivityListener
        {
            ShouldListenTo = source => source.Name == Telemetry.Name,
            Sample = (ref _) => ActivitySamplingResult.AllData,
            ActivityStopped = traced.Add,
        };
        ActivitySource.AddActivityListener(activities);
        await using var client = new ScriptedClient(options => options.Namespace = "measured");
        var asking = client.Locks.AcquireAsync(Write("a"));
        var wire = await client.AcceptReadyAsync();
        await wire.GrantAsync(31);
        await asking;

        await Eventually.HoldsAsync(
            "it is measured and traced",
            TimeSpan.FromSeconds(30),
            () =>
                Task.FromResult(
                    measured.Contains("acquired")
                        && traced.Any(activity => Equals(activity.GetTagItem("raftlocks.namespace"), "measured"))
                )
        );
        var activity = Assert.Single(
            traced,
            activity => Equals(activity.GetTagItem("raftlocks.namespace"), "measured")
        );
        Assert.Equal(31UL, activity.GetTagItem("raftlocks.fencing_token"));
    }
}
