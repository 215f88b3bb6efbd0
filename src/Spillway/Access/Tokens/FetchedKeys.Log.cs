using Microsoft.Extensions.Logging;

namespace Spillway.Access.Tokens;

internal sealed partial class FetchedKeys
{
    private static partial class Log
    {
        [LoggerMessage(6001, LogLevel.Information, "Issuer {Issuer} has other keys at {Place}: {Keys} of them, {Skipped} more are passed over. {Why}")]
        public static partial void Changed(ILogger logger, string issuer, string place, int keys, int skipped, string why);

        [LoggerMessage(6002, LogLevel.Warning, "The keys of issuer {Issuer} could not be looked for: {Place} {Fault}. The {Keys} that are known are used for {KeepFor} at most.")]
        public static partial void Failed(ILogger logger, string issuer, string place, string fault, int keys, TimeSpan keepFor);
    }
}
