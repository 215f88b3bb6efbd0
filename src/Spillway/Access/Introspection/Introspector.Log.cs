using Microsoft.Extensions.Logging;

namespace Spillway.Access.Introspection;

internal sealed partial class Introspector
{
    private static partial class Log
    {
        [LoggerMessage(6003, LogLevel.Warning, "Tokens cannot be judged, and whoever presents one is told to come again: {Place} {Fault}.")]
        public static partial void Failed(ILogger logger, string place, string fault);

        [LoggerMessage(6004, LogLevel.Information, "Tokens are judged again: {Place} answers.")]
        public static partial void Answers(ILogger logger, string place);
    }
}
