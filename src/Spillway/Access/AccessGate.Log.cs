using Microsoft.Extensions.Logging;

namespace Spillway.Access;

internal sealed partial class AccessGate
{
    private static partial class Log
    {
        [LoggerMessage(6011, LogLevel.Information, "Requests need a credential: a token of {Issuers} issuers, or one of {Keys} API keys. Without one they may do {Anonymous}.")]
        public static partial void Asks(ILogger logger, int issuers, int keys, string anonymous);
    }
}
