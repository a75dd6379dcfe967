// The files of settings, and the log on the console.
using Microsoft.Extensions.Logging.Console;

namespace RaftLocks.Node;

internal static class NodeConfiguration
{
    private const string File = "appsettings.json";

    /// <summary>appsettings.json beside the program, then the one in the working directory.</summary>
    public static IConfiguration Read() =>
        new ConfigurationBuilder()
            .AddJsonFile(Path.Combine(AppContext.BaseDirectory, File), optional: true)
            .AddJsonFile(Path.GetFullPath(File), optional: true)
            .Build();

    /// <summary>
    /// One line for each event. The library reports every failing connection to a member that is down, several times a
    /// second.
    /// </summary>
    public static ILoggerFactory Loggers(IConfiguration configuration) =>
        LoggerFactory.Create(logging =>
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
                .AddConfiguration(configuration.GetSection("Logging"))
                .AddSimpleConsole(console =>
                {
                    console.SingleLine = true;
                    console.TimestampFormat = "yyyy-MM-dd HH:mm:ss.fff'Z' ";
                    console.UseUtcTimestamp = true;
                    console.ColorBehavior = LoggerColorBehavior.Disabled;
                })
        );
}
