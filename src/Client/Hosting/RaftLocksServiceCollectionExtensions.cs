// The client in an application's container of services.
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using RaftLocks.Client;
using RaftLocks.Client.Hosting;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds RaftLocks to an application.</summary>
public static class RaftLocksServiceCollectionExtensions
{
    /// <summary>Adds an <see cref="IRaftLocksClient"/> that lives as long as the application. Wrong settings are told when it is first asked for.</summary>
    public static OptionsBuilder<RaftLocksOptions> AddRaftLocks(this IServiceCollection services, Action<RaftLocksOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<RaftLocksOptions>, OptionsCheck>());
        services.TryAddSingleton(provider => new RaftLocksClient(
            provider.GetRequiredService<IOptions<RaftLocksOptions>>().Value, provider.GetService<ILogger<RaftLocksClient>>()));
        services.TryAddSingleton<IRaftLocksClient>(provider => provider.GetRequiredService<RaftLocksClient>());
        return services.AddOptions<RaftLocksOptions>().Configure(configure);
    }

    /// <summary>Adds a check: healthy when a node answers that it is ready to serve.</summary>
    public static IHealthChecksBuilder AddRaftLocks(
        this IHealthChecksBuilder builder, string name = "raftlocks", HealthStatus? failureStatus = null, IEnumerable<string>? tags = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.Add(new HealthCheckRegistration(
            name, provider => new ClusterHealthCheck(provider.GetRequiredService<IOptions<RaftLocksOptions>>()), failureStatus, tags));
    }

    private sealed class OptionsCheck : IValidateOptions<RaftLocksOptions>
    {
        public ValidateOptionsResult Validate(string? name, RaftLocksOptions options) =>
            options.Validate() is { Count: > 0 } wrong ? ValidateOptionsResult.Fail(wrong) : ValidateOptionsResult.Success;
    }
}
