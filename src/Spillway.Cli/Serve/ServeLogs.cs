using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

namespace Spillway.Cli.Serve;

/// <summary>Logs on the standard error: the standard output is for what the command prints.</summary>
internal static class ServeLogs
{
    private const string HostCategory = "Microsoft.Extensions.Hosting.Internal.Host";

    /// <param name="hasStarted">Whether the application has started: before, the command itself says what went wrong.</param>
    public static void Add(ILoggingBuilder logging, ServeSettings settings, Func<bool> hasStarted)
    {
        logging.AddFilter(HostCategory, level => level >= settings.LogLevel && hasStarted());
        logging.SetMinimumLevel(settings.LogLevel);
        if (settings.LogLevel > LogLevel.Debug)
        {
            // The framework's own information is a line for every request.
            logging.AddFilter("Microsoft", settings.LogLevel > LogLevel.Warning ? settings.LogLevel : LogLevel.Warning);
            // It warns of nothing, and where it may log at all, a scope and an activity are made for every request, and held by a stream to its end.
            logging.AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None);
        }

        logging.Services.Configure<ConsoleLoggerOptions>(static options => options.LogToStandardErrorThreshold = LogLevel.Trace);
        if (settings.JsonLogs)
        {
            logging.AddJsonConsole(static options =>
            {
                options.IncludeScopes = true;
                options.UseUtcTimestamp = true;
                options.TimestampFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z'";
            });
        }
        else
        {
            logging.AddSimpleConsole(static options =>
            {
                options.SingleLine = true;
                options.UseUtcTimestamp = true;
                options.TimestampFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z' ";
                options.ColorBehavior = Console.IsErrorRedirected ? LoggerColorBehavior.Disabled : LoggerColorBehavior.Default;
            });
        }
    }
}
