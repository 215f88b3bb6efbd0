namespace Spillway.Transports.Parked;

/// <summary>Names connections, in logs and traces: a count in base 32, as Kestrel's transport does it.</summary>
internal static class ConnectionNumber
{
    private const string Digits = "0123456789ABCDEFGHIJKLMNOPQRSTUV"; // In this order names sort as the connections came.
    private const int Length = 13; // 64 bits in fives.

    private static long _last = TimeProvider.System.GetUtcNow().UtcTicks; // A restarted process goes on above its predecessor.

    public static string Next() => string.Create(Length, Interlocked.Increment(ref _last), static (text, number) =>
    {
        for (var i = text.Length - 1; i >= 0; i--)
        {
            text[i] = Digits[(int)(number & 31)];
            number >>= 5;
        }
    });
}
