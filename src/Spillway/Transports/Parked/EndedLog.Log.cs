using Microsoft.Extensions.Logging;
using Spillway.Delivery;

namespace Spillway.Transports.Parked;

internal sealed partial class EndedLog
{
    private static partial class Log
    {
        [LoggerMessage(5030, LogLevel.Debug, "Parked connection {ConnectionId} ({Transport}) ended: {Reason}, after {Bytes} bytes and {Duration}, at offset {Offset}.")]
        public static partial void Ended(ILogger logger, string transport, string connectionId, CloseReason reason, long bytes, TimeSpan duration, long offset);
    }
}
