using Microsoft.Extensions.Logging;

namespace Spillway.Delivery;

internal sealed partial class DeliveryLoop
{
    [LoggerMessage(4003, LogLevel.Error, "Loop {Loop} failed; its connections were closed and may resume. Please report this.")]
    private static partial void TurnFailed(ILogger logger, int loop, Exception fault);
}
