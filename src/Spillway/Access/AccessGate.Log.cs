using Microsoft.Extensions.Logging;

namespace Spillway.Access;

internal sealed partial class AccessGate
{
    private static partial class Log
    {
        [LoggerMessage(6011, LogLevel.Information, "Requests need a credential; there are {Issuers} issuers of tokens (Access:Issuers) and {Keys} API keys (Access:ApiKeys). Who presents none may do {Anonymous}.")]
        public static partial void Asks(ILogger logger, int issuers, int keys, string anonymous);
    }
}
