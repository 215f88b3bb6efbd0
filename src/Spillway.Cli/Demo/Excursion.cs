namespace Spillway.Cli.Demo;

/// <summary>A rise above the limit and back: up, held, down, each without a corner. Times in seconds.</summary>
internal readonly record struct Excursion(double Start, double Rise, double Hold, double Fall, double Height)
{
    public double End => Start + Rise + Hold + Fall;

    /// <summary>What the excursion adds to the value at a time; 0 outside it.</summary>
    public double At(double time)
    {
        var since = time - Start;
        if (since <= Rise)
        {
            return Height * Smooth(since / Rise);
        }

        since -= Rise + Hold;
        return Height * (1 - Smooth(since / Fall));
    }

    private static double Smooth(double share)
    {
        var x = Math.Clamp(share, 0, 1);
        return x * x * (3 - (2 * x));
    }
}
