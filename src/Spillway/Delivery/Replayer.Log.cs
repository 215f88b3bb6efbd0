using Microsoft.Extensions.Logging;

namespace Spillway.Delivery;

internal sealed partial class Replayer
{
    [LoggerMessage(4002, LogLevel.Error, "History could not be read after offset {Offset}; the connection is closed and may resume.")]
    private static partial void ReadFailed(ILogger logger, long offset, Exception exception);
}
