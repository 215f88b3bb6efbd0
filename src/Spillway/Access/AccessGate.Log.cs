using Microsoft.Extensions.Logging;

namespace Spillway.Access;

internal sealed partial class AccessGate
{
    private static partial class Log
    {
        [LoggerMessage(6011, LogLevel.Information, "Requests need a credential; {Accepted}. Who presents none may do {Anonymous}.")]
        public static partial void Asks(ILogger logger, string accepted, string anonymous);

        [LoggerMessage(6012, LogLevel.Information, "Changed access is in force; {Accepted}. Who presents no credential may do {Anonymous}.")]
        public static partial void Changed(ILogger logger, string accepted, string anonymous);
    }
}
