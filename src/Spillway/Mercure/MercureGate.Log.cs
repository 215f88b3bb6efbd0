using Microsoft.Extensions.Logging;

namespace Spillway.Mercure;

internal sealed partial class MercureGate
{
    private static partial class Log
    {
        [LoggerMessage(8001, LogLevel.Information, "There is a Mercure hub at {Path}, {Url} for its clients; {Accepted}.")]
        public static partial void Begins(ILogger logger, string path, string url, string accepted);

        [LoggerMessage(8002, LogLevel.Information, "Changed access to the Mercure hub is in force; {Accepted}.")]
        public static partial void Changed(ILogger logger, string accepted);
    }
}
