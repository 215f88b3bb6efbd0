using Microsoft.Extensions.Logging;
using Spillway.Events;

namespace Spillway.Hub;

internal sealed partial class PushHub
{
    [LoggerMessage(3001, LogLevel.Warning, "{Connections} connections had not taken their last bytes within the grace period and were cut; they may resume.")]
    private static partial void GraceExceeded(ILogger logger, int connections);

    [LoggerMessage(3002, LogLevel.Warning, "A subscriber came with the cursor {Cursor}, further than this hub has ever been; it waits until the hub has passed it. If the history was set back, for example to a snapshot of its volume, stop the hub and run: spillway history fork {Data}. This is said once.")]
    private static partial void CursorAhead(ILogger logger, Position cursor, string data);
}
