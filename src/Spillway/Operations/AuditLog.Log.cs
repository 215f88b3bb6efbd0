using System.Net;
using Microsoft.Extensions.Logging;

namespace Spillway.Operations;

internal sealed partial class AuditLog
{
    private static partial class Log
    {
        [LoggerMessage(9010, LogLevel.Information, "{Subject} at {Address}: {Call} \"{Target}\": {Outcome}.")]
        public static partial void Called(ILogger logger, string subject, IPAddress address, string call, string target, string outcome);
    }
}
