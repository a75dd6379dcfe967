// The files of settings, and the log on the console.
using Microsoft.Extensions.Logging.Console;

namespace RaftLocks.Node;

internal static class NodeConfiguration
{
    private const string File = "appsettings.json";

    /// <summary>appsettings.json beside the program, then the one in the working directory, which wins.</summary>
    public static IReadOnlyList<string> Files { get; } =
    [Path.Combine(AppContext.BaseDirectory, File), Path.GetFullPath(File)];

    /// <summary>Reads the files.</summary>
    public static IConfigurationRoot Read()
    {
        var builder = new ConfigurationBuilder();
        foreach (var file in Files)
        {
            builder.AddJsonFile(file, optional: true);
        }

        return builder.Build();
    }

    /// <summary>
    /// One line for each event. The library reports every failing connection to a member that is down, several times a
    /// second.
    /// </summary>
    /// <param name="configuration">The levels, by room; they follow it when it is read anew.</param>
    /// <param name="asJson">Whether each line is an object of JSON.</param>
    public static ILoggerFactory Loggers(IConfiguration configuration, bool asJson) =>
        LoggerFactory.Create(logging =>
        {
            logging
                .SetMinimumLevel(LogLevel.Warning)
                .AddFilter("RaftLocks", LogLevel.Information)
                .AddFilter("DotNext", LogLevel.Error)
                // It reports each request's begin and end, at a lower level; while it might, each connection carries
                // an activity and its scopes along.
                .AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None)
                // The dashboard's keys are meant to end with the process; it warns that they are not kept.
                .AddFilter("Microsoft.AspNetCore.DataProtection", LogLevel.Error)
                // Anybody can send it cookies that it can't read; the audit log tells of those whom that concerns.
                .AddFilter("Microsoft.AspNetCore.Antiforgery", LogLevel.None)
                .AddConfiguration(configuration.GetSection("Logging"));
            _ = asJson
                ? logging.AddJsonConsole(console =>
                {
                    console.TimestampFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z'";
                    console.UseUtcTimestamp = true;
                })
                : logging.AddSimpleConsole(console =>
                {
                    console.SingleLine = true;
                    console.TimestampFormat = "yyyy-MM-dd HH:mm:ss.fff'Z' ";
                    console.UseUtcTimestamp = true;
                    console.ColorBehavior = LoggerColorBehavior.Disabled;
                });
        });
}
