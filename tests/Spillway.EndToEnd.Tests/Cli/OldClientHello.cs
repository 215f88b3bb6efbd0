namespace Spillway.EndToEnd.Tests.Cli;

/// <summary>How a client begins that knows no version of TLS above 1.1.</summary>
internal static class OldClientHello
{
    /// <summary>RFC 4346, section 7.4.1.2: a hello that offers no newer version, with suites of that time.</summary>
    public static byte[] Of(byte minor)
    {
        byte[] suites = [0xC0, 0x09, 0xC0, 0x13, 0x00, 0x2F, 0x00, 0x35];
        byte[] extensions = [0x00, 0x0A, 0x00, 0x04, 0x00, 0x02, 0x00, 0x17, 0x00, 0x0B, 0x00, 0x02, 0x01, 0x00]; // The curve P-256, points uncompressed.
        byte[] body = [3, minor, .. new byte[32], 0, 0, (byte)suites.Length, .. suites, 1, 0, 0, (byte)extensions.Length, .. extensions];
        byte[] message = [1, 0, 0, (byte)body.Length, .. body];
        return [22, 3, 1, 0, (byte)message.Length, .. message];
    }
}
