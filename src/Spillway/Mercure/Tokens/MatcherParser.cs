using System.Diagnostics.CodeAnalysis;
using Spillway.Events;

namespace Spillway.Mercure.Tokens;

/// <summary>Reads a pattern or a template.</summary>
/// <param name="text">As it was written.</param>
/// <param name="matcher">The matcher.</param>
/// <param name="fault">What is wrong, as the end of a sentence that begins with the text.</param>
internal delegate bool MatcherParser(string text, [NotNullWhen(true)] out TopicMatcher? matcher, out string fault);
