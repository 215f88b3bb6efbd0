using Microsoft.Extensions.Logging;

namespace Spillway.Cli.Serve.Tls;

internal sealed partial class TlsWatch
{
    private static partial class Log
    {
        [LoggerMessage(11001, LogLevel.Information, "The certificate of {Subject}, good until {Expires:yyyy-MM-ddTHH:mm:ssZ}, is used for new connections.")]
        public static partial void Used(ILogger logger, string subject, DateTime expires);

        [LoggerMessage(11002, LogLevel.Error, "The files of TLS have changed and cannot be used; what was read before goes on. {Fault}")]
        public static partial void Refused(ILogger logger, string fault);

        [LoggerMessage(11003, LogLevel.Warning, "{File} holds a private key or its password, and every user of this machine can read it: chmod o-r it.")]
        public static partial void Exposed(ILogger logger, string file);
    }
}
