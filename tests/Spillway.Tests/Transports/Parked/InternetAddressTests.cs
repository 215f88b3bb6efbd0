using Spillway.Transports.Parked;

namespace Spillway.Tests.Transports.Parked;

public sealed class InternetAddressTests
{
    [Theory]
    [InlineData("02001F90" + "C0000201" + "0000000000000000", "192.0.2.1:8080")]
    [InlineData("0A001F90" + "00000000" + "20010DB8000000000000000000000001" + "00000000", "[2001:db8::1]:8080")]
    [InlineData("0A001F90" + "00000000" + "FE800000000000000000000000000001" + "03000000", "[fe80::1%3]:8080")]
    [InlineData("0A001F90" + "00000000" + "00000000000000000000FFFFC0000201" + "00000000", "[::ffff:192.0.2.1]:8080")]
    public void Read_Address_IsThatOfThePeer(string bytes, string expected) => Assert.Equal(expected, InternetAddress.Read(Convert.FromHexString(bytes))?.ToString());

    [Theory]
    [InlineData("")]
    [InlineData("0200")]
    [InlineData("0A001F90" + "00000000" + "20010DB800000000")]
    [InlineData("01001F90" + "C0000201" + "0000000000000000")]
    public void Read_OtherOrCut_IsNull(string bytes) => Assert.Null(InternetAddress.Read(Convert.FromHexString(bytes)));
}
