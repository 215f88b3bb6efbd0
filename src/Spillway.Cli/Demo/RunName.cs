using System.Security.Cryptography;

namespace Spillway.Cli.Demo;

/// <summary>The name of a numbering: eight hexadecimal digits, new whenever the hub knows of no reading to go on from.</summary>
internal static class RunName
{
    /// <summary>What a page in JavaScript still counts exactly.</summary>
    public const long MaxSequence = (1L << 53) - 1;

    private const int Digits = 8;

    public static string Create() => RandomNumberGenerator.GetHexString(Digits, lowercase: true);

    public static bool IsOne(string text) => text.Length == Digits && text.All(char.IsAsciiHexDigitLower);
}
