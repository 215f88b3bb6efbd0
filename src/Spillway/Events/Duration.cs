using System.Globalization;

namespace Spillway.Events;

/// <summary>Durations as the protocol writes them: a number with a unit ms, s, m, h or d; without a unit, seconds.</summary>
internal static class Duration
{
    private static readonly (string Unit, double Milliseconds)[] Units =
        [("ms", 1), ("s", 1_000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000)];

    private const double MaxMilliseconds = long.MaxValue / TimeSpan.TicksPerMillisecond / 2; // Half of what a TimeSpan holds: sums of two fit.

    public static bool TryParse(ReadOnlySpan<char> text, out TimeSpan duration)
    {
        duration = default;
        var factor = 1_000d;
        foreach (var (unit, milliseconds) in Units)
        {
            if (text.EndsWith(unit, StringComparison.Ordinal))
            {
                factor = milliseconds;
                text = text[..^unit.Length];
                break;
            }
        }

        if (!double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)
            || !(number * factor is >= 0 and <= MaxMilliseconds)) // Not a number is none; double.TryParse takes "NaN" and "-Infinity".
        {
            return false;
        }

        duration = TimeSpan.FromMilliseconds(number * factor);
        return true;
    }
}
