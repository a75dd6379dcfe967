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
    /// <summary>
    /// Adds an <see cref="IRaftLocksClient"/> that lives as long as the application. Wrong settings are reported when
    /// the host starts, or when it is first asked for.
    /// </summary>
    /// <param name="services">The application's services.</param>
    /// <param name="configure">Sets the settings; the nodes at least.</param>
    /// <returns>The options, to configure more.</returns>
    public static OptionsBuilder<RaftLocksOptions> AddRaftLocks(
        this IServiceCollection services,
        Action<RaftLocksOptions> configure
    )
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configure);
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<RaftLocksOptions>, OptionsCheck>());
        services.TryAddSingleton(provider => new RaftLocksClient(
            provider.GetRequiredService<IOptions<RaftLocksOptions>>().Value,
            provider.GetService<ILogger<RaftLocksClient>>()
        ));
        services.TryAddSingleton<IRaftLocksClient>(provider => provider.GetRequiredService<RaftLocksClient>());
        return services.AddOptions<RaftLocksOptions>().Configure(configure).ValidateOnStart();
    }

    /// <summary>
    /// Adds a check: healthy when a node answers that it is ready to serve. Added again under the same name it is there
    /// once.
    /// </summary>
    /// <param name="builder">The application's health checks.</param>
    /// <param name="name">The name of the check.</param>
    /// <param name="failureStatus">What it reports when no node is ready; unhealthy if null.</param>
    /// <param name="tags">Tags to select checks by.</param>
    /// <returns>The same builder.</returns>
    public static IHealthChecksBuilder AddRaftLocks(
        this IHealthChecksBuilder builder,
        string name = "raftlocks",
        HealthStatus? failureStatus = null,
        IEnumerable<string>? tags = null
    )
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(name);
        HttpClient? http = null;
        builder.Services.Configure<HealthCheckServiceOptions>(options =>
        {
            // The framework refuses a second one of the same name, in any letter case, at the first check.
            if (
                options.Registrations.All(registration =>
                    !string.Equals(registration.Name, name, StringComparison.OrdinalIgnoreCase)
                )
            )
            {
                options.Registrations.Add(
                    new HealthCheckRegistration(
                        name,
                        provider =>
                        {
                            var settings = provider.GetRequiredService<IOptions<RaftLocksOptions>>();
                            return new ClusterHealthCheck(
                                settings,
                                LazyInitializer.EnsureInitialized(
                                    ref http,
                                    () => ClusterHealthCheck.Http(settings.Value)
                                )
                            );
                        },
                        failureStatus,
                        tags
                    )
                );
            }
        });
        return builder;
    }

    private sealed class OptionsCheck : IValidateOptions<RaftLocksOptions>
    {
        public ValidateOptionsResult Validate(string? name, RaftLocksOptions options) =>
            options.Validate() is { Count: > 0 } wrong
                ? ValidateOptionsResult.Fail(wrong)
                : ValidateOptionsResult.Success;
    }
}
