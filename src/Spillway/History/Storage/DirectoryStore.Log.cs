using Microsoft.Extensions.Logging;
using Spillway.Events;

namespace Spillway.History.Storage;

internal sealed partial class DirectoryStore
{
    private static partial class Log
    {
        [LoggerMessage(2501, LogLevel.Warning, "{Path} ended in {Bytes} bytes that are no whole record, as after a crash: they were cut off.")]
        public static partial void TailCut(ILogger logger, string path, long bytes);

        [LoggerMessage(2502, LogLevel.Warning, "{Path} is damaged between offsets {From} and {To}: what failed its checksum is skipped, subscribers are told a gap.")]
        public static partial void DamageSkipped(ILogger logger, string path, long from, long to);

        [LoggerMessage(2517, LogLevel.Warning, "{Reason} Waiting for that, at most {Wait}.")]
        public static partial void Waits(ILogger logger, string reason, TimeSpan wait);

        [LoggerMessage(2543, LogLevel.Information, "The history directory \"{Directory}\" was let go after {Waited}: this process has it now.")]
        public static partial void Waited(ILogger logger, string directory, TimeSpan waited);

        [LoggerMessage(2507, LogLevel.Warning, "History in {Directory} was not closed properly: offsets go on at {NextOffset}, so that none is used twice.")]
        public static partial void Unclean(ILogger logger, string directory, long nextOffset);

        [LoggerMessage(2542, LogLevel.Warning, "History in {Directory} was copied or restored: it goes on as epoch {Epoch}, and has all up to {Cursor} in common with the one it was copied from. Subscribers that come from there resume, those that were further are told a gap.")]
        public static partial void Copied(ILogger logger, string directory, string epoch, Position cursor);

        [LoggerMessage(2541, LogLevel.Warning, "History in {Directory} has lost its file state, or it is damaged: it goes on as epoch {Epoch}, behind {Cursor}. Subscribers that come from there resume, those that were further are told a gap.")]
        public static partial void StateLost(ILogger logger, string directory, string epoch, Position cursor);

        [LoggerMessage(2540, LogLevel.Information, "History in {Directory} goes on as epoch {Epoch}, as it was asked to, behind {Cursor}.")]
        public static partial void Branched(ILogger logger, string directory, string epoch, Position cursor);

        [LoggerMessage(2508, LogLevel.Warning, "History in {Directory} could not note its clean stop.")]
        public static partial void EndNotNoted(ILogger logger, Exception fault, string directory);
    }
}
