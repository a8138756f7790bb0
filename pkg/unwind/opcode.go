package unwind

// opcode is a call frame instruction, DW_CFA_… (DWARF 5, 6.4.2 and table 7.29,
// https://dwarfstd.org/doc/DWARF5.pdf).
type opcode uint8

const (
	cfaNop              opcode = 0x00
	cfaSetLoc           opcode = 0x01
	cfaAdvanceLoc1      opcode = 0x02
	cfaAdvanceLoc2      opcode = 0x03
	cfaAdvanceLoc4      opcode = 0x04
	cfaOffsetExtended   opcode = 0x05
	cfaRestoreExtended  opcode = 0x06
	cfaUndefined        opcode = 0x07
	cfaSameValue        opcode = 0x08
	cfaRegister         opcode = 0x09
	cfaRememberState    opcode = 0x0a
	cfaRestoreState     opcode = 0x0b
	cfaDefCFA           opcode = 0x0c
	cfaDefCFARegister   opcode = 0x0d
	cfaDefCFAOffset     opcode = 0x0e
	cfaDefCFAExpression opcode = 0x0f
	cfaExpression       opcode = 0x10
	cfaOffsetExtendedSF opcode = 0x11
	cfaDefCFASF         opcode = 0x12
	cfaDefCFAOffsetSF   opcode = 0x13
	cfaValOffset        opcode = 0x14
	cfaValOffsetSF      opcode = 0x15
	cfaValExpression    opcode = 0x16

	// Of those above, the operand is in the six low bits.
	cfaAdvanceLoc opcode = 0x40
	cfaOffset     opcode = 0x80
	cfaRestore    opcode = 0xc0
)

// Instructions of machines and of GNU (DWARF for the Arm 64-bit Architecture, 4.5,
// https://github.com/ARM-software/abi-aa/blob/main/aadwarf64/aadwarf64.rst; Linux Standard
// Base, Core, 10.6, https://refspecs.linuxfoundation.org/LSB_5.0.0/LSB-Core-generic/).
const (
	cfaAArch64NegateRAStateWithPC opcode = 0x2c
	cfaAArch64NegateRAState       opcode = 0x2d
	cfaGNUArgsSize                opcode = 0x2e
	cfaGNUNegativeOffsetExtended  opcode = 0x2f
)

// decodeOpcode splits the first byte of an instruction.
func decodeOpcode(b uint8) (op opcode, operand uint64) {
	const high = 0xc0
	if b&high == 0 {
		return opcode(b), 0
	}
	return opcode(b & high), uint64(b &^ high)
}
