using Microsoft.Extensions.Logging;

namespace Spillway.Transports.Hosted;

internal sealed partial class ResponseRateWarning
{
    private static partial class Log
    {
        [LoggerMessage(5005, LogLevel.Warning,
            "Kestrel's limit MinResponseDataRate is on ({BytesPerSecond} bytes/s after {GracePeriod}): over HTTP/2 it cuts the whole connection of a slow subscriber. "
            + "Set KestrelServerOptions.Limits.MinResponseDataRate to null; Sse:WriteStall ends subscribers that take nothing.")]
        public static partial void CutsSlowSubscribers(ILogger logger, double bytesPerSecond, TimeSpan gracePeriod);
    }
}
