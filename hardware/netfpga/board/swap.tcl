# Lets a project of NetFPGA take Prism's core where it took its switch lookup.
#
#   tclsh swap.tcl PROJECT          such as $SUME_FOLDER/projects/reference_switch
#
# In hw/tcl/reference_switch.tcl and hw/tcl/reference_switch_sim.tcl, and nowhere else:
#
#   create_ip -name switch_output_port_lookup …  ─▶  create_ip -name prism_output_port_lookup …
#   CONFIG.C_CAM_LUT_DEPTH_BITS …                ─▶  CONFIG.CLOCK_HZ, where the clock is said (PLUS)
#   run 10us                                     ─▶  run 1ms: the core empties its tables for 170 us
#
# A second time it changes nothing. `git checkout` of the two files takes it back.

set was {create_ip -name switch_output_port_lookup -vendor NetFPGA -library NetFPGA }
set is {create_ip -name prism_output_port_lookup -vendor prismspec -library prismspec }
set depth {set_property CONFIG\.C_CAM_LUT_DEPTH_BITS [^\n]*(\[get_ips [a-z_]+\])\n}
set clock {set_property CONFIG.CLOCK_HZ [expr {${datapath_freq_mhz} * 1000000}] \1}

proc occurrences {part text} {
    return [expr {[llength [split [string map [list $part \1] $text] \1]] - 1}]
}

proc swap {path} {
    global was is depth clock
    set file [open $path r]
    set text [read $file]
    close $file
    if {[occurrences $is $text] == 1 && [occurrences $was $text] == 0} { return "as it is" }
    if {[occurrences $was $text] != 1 || [occurrences $is $text] != 0} {
        error "$path: not one line begins '[string trim $was]'"
    }
    set text [string map [list $was $is] $text]
    set line [expr {[string match {*set datapath_freq_mhz *} $text] ? "$clock\n" : {}}]
    regsub -all $depth $text $line text
    regsub -line {^run 10us$} $text {run 1ms} text
    set file [open $path w]
    puts -nonewline $file $text
    close $file
    return swapped
}

if {[llength $argv] != 1} { error "usage: tclsh swap.tcl PROJECT" }
foreach path [list reference_switch.tcl reference_switch_sim.tcl] {
    set path [file join [lindex $argv 0] hw tcl $path]
    puts "$path: [swap $path]"
}
